"""An AWS account that is none: moto's server on loopback, which simulates the services. What it does not check (rights,
rates, delays) these tests do not show either.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import boto3
import httpx2
import pytest

PROGRAM = Path(__file__).resolve().parents[3] / ".venv/aws/bin/python"
_SIMULATOR = Path(__file__).with_name("simulator.py")
REGION = "eu-north-1"
# Nothing looks at them.
KEYS = {"accessKeyId": "simulated", "secretAccessKey": "simulated"}
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Account:
    """Where the simulator listens."""

    endpoint: str

    def options(self, **more: str) -> Mapping[str, str]:
        """The provider's options for it."""
        return {"endpoint": self.endpoint, "region": REGION, **KEYS, **more}

    def empty(self) -> None:
        """Take everything away."""
        httpx2.post(f"{self.endpoint}/moto-api/reset", timeout=_PATIENCE).raise_for_status()

    def client(self, service: str) -> Any:
        """A client of a service, past the provider."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEYS["accessKeyId"],
            aws_secret_access_key=KEYS["secretAccessKey"],
        )


@contextmanager
def simulated() -> Iterator[Account]:
    """Start one and stop it."""
    if not PROGRAM.exists():
        pytest.fail("the simulator of AWS is not installed: make test-all installs it", pytrace=False)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryFile() as log:
        server = subprocess.Popen([PROGRAM, _SIMULATOR, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        try:
            _wait(server, f"http://127.0.0.1:{port}", log)
            yield Account(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(_PATIENCE)


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    """The simulator, for as long as the tests run."""
    with simulated() as found:
        yield found


def _wait(server: subprocess.Popen[bytes], endpoint: str, log: IO[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            httpx2.get(f"{endpoint}/moto-api/data.json", timeout=5)
            return
        except httpx2.TransportError:
            time.sleep(0.1)
    log.seek(0)
    pytest.fail(f"the simulator of AWS did not start: {log.read()[-500:].decode('utf-8', 'replace')}")
