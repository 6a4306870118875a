"""Start and stop MiniStack on a free port of the loopback interface, in a clean environment."""

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

from tools.errors import ToolError
from tools.packaging.package import ROOT

PYTHON = ROOT / ".ministack" / "bin" / "python"
REGION = "us-east-1"
KEYS = ("test", "test")  # the root user; all others have the permissions of the template's roles
SECONDS_TO_START = 120.0  # it takes 0.2 seconds unless the machine is very busy
SECONDS_TO_STOP = 60.0  # saving 100,000 rows takes 6 seconds


@dataclass(frozen=True)
class Emulator:
    """A running MiniStack."""

    process: subprocess.Popen[bytes]
    endpoint: str
    log: Path
    scratch: Path

    def stop(self) -> None:
        """Stop it (it saves what it keeps first) and delete its working folder."""
        if self.process.poll() is None:
            self._terminate()
        else:
            print(
                f"The emulator had ended by itself ({self.process.returncode}):\n{self.log_end()}",
                file=sys.stderr,
            )
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_end(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-12:])


def start(scratch: Path, keep: Path | None) -> Emulator:
    """Start an emulator that works in `scratch`.

    Args:
        scratch: the working folder, deleted by `Emulator.stop`.
        keep: where the state is kept between runs, or None.

    Raises:
        ToolError: it ended at once, or did not answer in time.
    """
    log = scratch / "emulator.log"
    with _bind(keep) as listener, log.open("wb") as output:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("launcher.py"), str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            env=_environment(port, scratch, keep),
            start_new_session=True,  # Ctrl-C reaches only this process, which stops the emulator
        )
    emulator = Emulator(process, f"http://127.0.0.1:{port}", log, scratch)
    _wait(emulator)
    return emulator


def _environment(port: int, scratch: Path, keep: Path | None) -> dict[str, str]:
    """Return the whole environment of the emulator.

    Its functions inherit it, so nothing of this process's environment is passed on.
    """
    (scratch / "tmp").mkdir(exist_ok=True)
    state = keep or scratch / "state"
    is_kept = "1" if keep else "0"
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch / "tmp"),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "PERSIST_STATE": is_kept,
        "STATE_DIR": str(state),
        "S3_PERSIST": is_kept,
        "S3_DATA_DIR": str(state / "s3"),
        "DOCKER_HOST": f"unix://{scratch}/no-docker",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _wait(emulator: Emulator) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not _is_ready(emulator.endpoint):
        if emulator.process.poll() is not None or time.monotonic() > deadline:
            emulator.process.kill()
            raise ToolError(
                f"The emulator did not start on {emulator.endpoint}:\n{emulator.log_end()}",
                "Delete .ministack and try again. With KEEP, the folder may have been written "
                "by another version.",
            )
        time.sleep(0.03)


def _is_ready(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _bind(keep: Path | None) -> socket.socket:
    """Return a bound socket for the emulator, so that no other process can take its port.

    The port is the one of the last run if that is kept and free: addresses of queues contain it.
    """
    port_file = keep / "port" if keep else None
    last_port = int(port_file.read_text()) if port_file and port_file.exists() else 0
    for port in (last_port, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            break
        except OSError:
            listener.close()
    if port_file:
        port_file.write_text(str(listener.getsockname()[1]))
    return listener
