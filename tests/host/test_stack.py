"""The servers the suite starts: adopted after a kill, recovered after a crash, refused to a second owner."""

from pathlib import Path

import asyncpg
import pytest

from host.stack.kafka import KafkaBroker, KafkaFailed
from host.stack.postgres import EmbeddedPostgres, PostgresFailed, PostgresInUse
from host.stack.processes import free_ports


@pytest.fixture
def postgres(scratch: Path, request: pytest.FixtureRequest) -> EmbeddedPostgres:
    server = EmbeddedPostgres(scratch / request.node.name[:60])
    request.addfinalizer(server.stop)
    return server


async def test_committed_rows_survive_a_killed_postgres(postgres: EmbeddedPostgres) -> None:
    async with postgres:
        await postgres.ensure_databases(["a", "b-c"])
        await postgres.ensure_databases(["a", "b-c"])
        connection = await asyncpg.connect(postgres.dsn("b-c"))
        await connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('食品经营许可')")
        postgres.kill()
        connection.terminate()
        postgres.start()
        connection = await asyncpg.connect(postgres.dsn("b-c"))
        assert await connection.fetchval("SELECT word FROM kept WHERE length(word) = 6") == "食品经营许可"
        assert await connection.fetchval("SHOW fsync") == "on"
        await connection.close()


def test_a_postgres_left_running_by_a_dead_owner_is_adopted(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    port = postgres.port
    postgres._drop_lock()  # what the kernel does when the owner is killed
    heir = EmbeddedPostgres(postgres.directory)
    heir.start()
    assert heir.port == port
    heir.stop()


def test_a_second_owner_is_refused(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with pytest.raises(PostgresInUse):
        EmbeddedPostgres(postgres.directory).start()


def test_a_pid_file_whose_number_belongs_to_another_process_now_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres._pgdata / "postmaster.pid").write_text(f"1\n{postgres._pgdata}\n1\n5432\n\n127.0.0.1\n 1 1\nready\n")
    postgres.start()
    assert postgres.port > 0


def test_an_interrupted_initialisation_is_begun_anew(postgres: EmbeddedPostgres) -> None:
    (postgres.directory / "pgdata.new").mkdir(parents=True)
    (postgres.directory / "pgdata.new" / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert postgres.port > 0


def test_a_wrong_setting_fails_with_the_servers_own_words(scratch: Path) -> None:
    server = EmbeddedPostgres(scratch / "wrong", settings={"shared_buffers": "plenty"})
    with pytest.raises(PostgresFailed, match="plenty"):
        server.start()


def test_a_broker_left_running_is_adopted_and_keeps_serving(kafka_broker: KafkaBroker) -> None:
    heir = KafkaBroker(
        kafka_broker.directory, jars=kafka_broker._jars, port=kafka_broker.port, controller_port=kafka_broker._controller_port
    )
    heir.start()
    assert heir._process == kafka_broker._process


def test_a_broker_that_cannot_start_fails_with_the_tail_of_its_log(kafka_broker: KafkaBroker, scratch: Path) -> None:
    taken = KafkaBroker(scratch / "taken", jars=kafka_broker._jars, port=kafka_broker.port, controller_port=free_ports(1)[0])
    with pytest.raises(KafkaFailed, match=r"(?s)did not become ready.*Address already in use"):
        taken.start()
