"""Starts and stops MiniStack on a free port of the loopback interface, in a clean environment."""

import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tools.failure import CannotGoOn
from tools.package import ROOT

PYTHON = ROOT / ".ministack" / "bin" / "python"
REGION = "us-east-1"
KEYS = ("test", "test")  # the emulator's root; everybody else is held to the roles of the template
SECONDS_TO_START = 30.0
SECONDS_TO_STOP = 30.0  # saving 100,000 rows takes six


@dataclass(frozen=True)
class Emulator:
    """A running MiniStack."""

    process: subprocess.Popen[bytes]
    endpoint: str
    log: Path
    scratch: Path

    def stop(self) -> None:
        """Ends it (it saves first, if it keeps anything) and removes what its functions unpacked."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-12:])


def start(scratch: Path, keep: Path | None) -> Emulator:
    """Starts an emulator that works in `scratch` and, if `keep` is given, keeps its state there between runs.

    Raises:
        CannotGoOn: it ended at once, or did not answer in time.
    """
    port = _port(keep)
    log = scratch / "emulator.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("launcher.py")],
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, cwd=scratch,
            env=_environment(port, scratch, keep), start_new_session=True,  # Ctrl-C is for us; we end it in our order
        )  # fmt: skip
    emulator = Emulator(process, f"http://127.0.0.1:{port}", log, scratch)
    _wait(emulator)
    return emulator


def _environment(port: int, scratch: Path, keep: Path | None) -> dict[str, str]:
    """Everything the emulator sees; its functions inherit all of it, so nothing of ours is passed on."""
    (scratch / "tmp").mkdir(exist_ok=True)
    state = keep or scratch / "state"
    kept = "1" if keep else "0"
    return {
        "PATH": "/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch / "tmp"), "TZ": "UTC", "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
        "AUTH": "true", "MINISTACK_REGION": REGION, "LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1",
        "PERSIST_STATE": kept, "STATE_DIR": str(state), "S3_PERSIST": kept, "S3_DATA_DIR": str(state / "s3"),
        "DOCKER_HOST": f"unix://{scratch}/no-docker", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def _wait(emulator: Emulator) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while not _answers(emulator.endpoint):
        if emulator.process.poll() is not None or time.monotonic() > until:
            emulator.process.kill()
            raise CannotGoOn(
                f"The emulator did not start on {emulator.endpoint}:\n{emulator.last_words()}",
                "Remove .ministack and try again; if KEEP is set, see whether another version wrote that folder.",
            )
        time.sleep(0.03)


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _port(keep: Path | None) -> int:
    """A free port; the one of the last run if that is kept and free, because addresses of queues contain it."""
    remembered = keep / "port" if keep else None
    if remembered and remembered.exists() and _free(int(remembered.read_text())):
        return int(remembered.read_text())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    if remembered:
        remembered.write_text(str(port))
    return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
