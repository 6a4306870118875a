"""Starts and stops MiniStack on a free port of the loopback interface, in a clean environment."""

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tools.errors import CannotGoOn
from tools.packaging.package import ROOT

PYTHON = ROOT / ".ministack" / "bin" / "python"
REGION = "us-east-1"
KEYS = ("test", "test")  # the emulator's root; everybody else is held to the roles of the template
SECONDS_TO_START = 120.0  # a fifth of a second, unless the machine is very busy
SECONDS_TO_STOP = 60.0  # saving 100,000 rows takes six


@dataclass(frozen=True)
class Emulator:
    """A running MiniStack."""

    process: subprocess.Popen[bytes]
    endpoint: str
    log: Path
    scratch: Path

    def stop(self) -> None:
        """Ends it (it saves first, if it keeps anything) and removes what its functions unpacked."""
        if self.process.poll() is not None:
            print(
                f"The emulator had ended by itself ({self.process.returncode}):\n{self.last_words()}",
                file=sys.stderr,
            )
        else:
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
    """Starts an emulator that works in `scratch` and, if `keep` is given, keeps its state there
    between runs.

    Raises:
        CannotGoOn: it ended at once, or did not answer in time.
    """
    log = scratch / "emulator.log"
    with _bound(keep) as door, log.open("wb") as out:
        port = door.getsockname()[1]
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("launcher.py"), str(door.fileno())], pass_fds=[door.fileno()],
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, cwd=scratch,
            # Ctrl-C is for us; we end it in our order
            env=_environment(port, scratch, keep), start_new_session=True,
        )  # fmt: skip
    emulator = Emulator(process, f"http://127.0.0.1:{port}", log, scratch)
    _wait(emulator)
    return emulator


def _environment(port: int, scratch: Path, keep: Path | None) -> dict[str, str]:
    """Everything the emulator sees; its functions inherit all of it, so nothing of ours is passed
    on.
    """
    (scratch / "tmp").mkdir(exist_ok=True)
    state = keep or scratch / "state"
    kept = "1" if keep else "0"
    return {
        "PATH": "/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch / "tmp"), "TZ": "UTC", "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
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


def _bound(keep: Path | None) -> socket.socket:
    """A bound socket to hand over, so that nobody else can take its port meanwhile. The port is the
    one of the last run if that was kept and is free, because addresses of queues contain it.
    """
    remembered = keep / "port" if keep else None
    for port in (int(remembered.read_text()) if remembered and remembered.exists() else 0, 0):
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
            break
        except OSError:
            door.close()
    if remembered:
        remembered.write_text(str(door.getsockname()[1]))
    return door
