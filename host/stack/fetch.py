"""`python -m host.stack.fetch`: get Apache Kafka's jars once, ahead of the tests and the stack that need them."""

from pathlib import Path
import sys

from host.stack.kafka_jars import MavenMissing, ensure_jars

JARS = Path(__file__).parents[2] / "var" / "kafka-jars"


def main() -> int:
    """0 when the jars are there; 1, having said why, when they cannot be had."""
    try:
        ensure_jars(JARS)
    except MavenMissing as missing:
        print(f"{missing}\n没有 Maven：需要 Kafka 的测试将不运行 tests that need Kafka will be left out", file=sys.stderr)
        return 1
    except RuntimeError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
