"""The schema: what it may not hold, and that migrations make exactly it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from domain.cases import Case, CaseState
from domain.errors import BadInput, ConfigurationError, StoreFailure
from records import Records, database
from records.cases import CaseFilter
from records.codec import to_json
from records.models import Base

#: Words no column of ours may be made of (red lines: no author, gender or region of a person).
FORBIDDEN = re.compile(
    r"author|user|account|handle|nick|screen|uid|token|gender|sex|region|province|city|ip|phone"
)


def test_no_column_can_hold_a_person(records):
    inspector = inspect(records.engine)
    tables = inspector.get_table_names()
    assert {"cases", "alerts", "alert_events", "deliveries", "gaps"} <= set(tables)
    named = [
        f"{table}.{column['name']}"
        for table in tables
        for column in inspector.get_columns(table)
        if any(FORBIDDEN.fullmatch(word) for word in column["name"].split("_"))
    ]
    assert named == []


def test_migrations_make_what_the_models_say(records):
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(records):
    configuration = Config()
    folder = Path(records_folder()) / "migrations"
    configuration.set_main_option("script_location", str(folder))
    with records.engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
    assert set(inspect(records.engine).get_table_names()) <= {"alembic_version"}
    with records.engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_cases_of_an_older_version_come_along(url, clock):
    configuration, engine = Config(), create_engine(url)
    configuration.set_main_option("script_location", f"{records_folder()}/migrations")
    case = Case(
        "liang", "梁某案", "望川区人民法院", clock.now, ("（2026）浙9902刑初88号",) * 2, "危险驾驶",
        aliases=("望川酒驾案",),
    )  # fmt: skip
    gone = replace(case, id="gone", numbers=(), cause="", archived_at=clock.now)
    newer = ("watched", "closed_at", "counted_until", "links")
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0004")
        held = MetaData()
        held.reflect(connection, only=["cases"])
        for one in (case, gone):
            document = {key: value for key, value in to_json(one).items() if key not in newer}
            row = {
                "id": one.id, "title": one.title, "court": one.court, "document": document,
                "watched_since": clock.now, "archived_at": one.archived_at,
            }  # fmt: skip
            connection.execute(held.tables["cases"].insert().values(row))
    engine.dispose()
    records = Records.open(url, clock)
    assert records.cases.all() == [case]
    assert {one.id: one.state for one in records.cases.all(archived=True)} == {
        "liang": CaseState.WATCHED, "gone": CaseState.ARCHIVED,
    }  # fmt: skip
    assert records.cases.by_numbers(case.numbers) == {case.numbers[0]: ["liang"]}
    assert records.cases.page(CaseFilter(causes=("危险驾驶",)))[1] == 1
    assert records.cases.to_relink() == []
    records.case_states.close("liang", "值班员甲", "已宣判", timedelta(days=14))
    assert records.cases.get("liang").state is CaseState.CLOSED
    records.close()


def records_folder() -> str:
    return str(Path(database.__file__).parent)


def test_opening_again_keeps_what_is_there(url, clock):
    first = Records.open(url, clock)
    first.marks.set("detect", clock.now)
    first.close()
    second = Records.open(url, clock)
    assert second.marks.get("detect") == clock.now
    second.close()


def test_two_programs_may_open_an_empty_database_at_once(url):
    script = "import sys; from records import Records; Records.open(sys.argv[1]).close()"
    root = Path(records_folder()).parent
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", script, url], cwd=root, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    outcomes = [(program.communicate(timeout=120)[1], program.returncode) for program in programs]
    assert [code for _, code in outcomes] == [0, 0, 0], outcomes


def test_a_wrong_address_says_what_to_do():
    with pytest.raises(ConfigurationError, match="records_url"):
        Records.open("no address at all")


def test_a_server_that_is_not_there_is_a_store_failure_without_its_password():
    with pytest.raises(StoreFailure) as caught:
        Records.open("postgresql+psycopg://court:hush@127.0.0.1:9/none?connect_timeout=2")
    assert "hush" not in str(caught.value)


def test_records_opened_to_be_read_take_no_writing(records, url, clock):
    records.marks.set("detect", clock.now)
    read = Records.read(url, clock)
    assert read.marks.get("detect") == clock.now
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        read.marks.set("detect", clock.now + timedelta(hours=1))
    read.close()
    assert records.marks.get("detect") == clock.now


def test_names_that_lay_in_imports_go_and_the_same_names_are_known_again(url, clock):
    configuration, engine = Config(), create_engine(url)
    configuration.set_main_option("script_location", f"{records_folder()}/migrations")
    fields = {"title": "梁某案", "litigants": "被告人：梁砚岚"}
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0010")
        connection.execute(
            text(
                "INSERT INTO case_imports (system, key, case_id, at, fields)"
                " VALUES ('court', 'k', 'c', '2026-11-23 00:00:00', :fields)"
            ),
            {"fields": json.dumps(fields)},
        )
    engine.dispose()
    records = Records.open(url, clock)
    [imported] = records.case_imports.of("c")
    digest = records.case_imports.digest
    assert imported.fields == {"title": "梁某案", "litigants": digest("被告人：梁砚岚")}
    assert imported.fields["litigants"] != digest("被告人：梁砚风")
    records.close()


def test_reading_brings_no_older_schema_up_to_date(url, clock):
    with pytest.raises(ConfigurationError, match=r"there are no records|at version none"):
        Records.read(url, clock)
    configuration, engine = Config(), create_engine(url)
    configuration.set_main_option("script_location", f"{records_folder()}/migrations")
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0007")
    with pytest.raises(ConfigurationError, match="at version 0007") as refused:
        Records.read(url, clock)
    assert "courtpulse" in refused.value.remedy
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0007"
    engine.dispose()


@pytest.mark.parametrize(
    ("row", "name", "length"),
    [
        (mapper.class_, column.key, column.columns[0].type.length)
        for mapper in Base.registry.mappers
        for column in mapper.column_attrs
        if getattr(column.columns[0].type, "length", None)
    ],
)
def test_no_column_takes_more_than_it_can_hold(row, name, length):
    setattr(made := row(), name, "字" * length)
    with pytest.raises(BadInput, match=f"{length} at most") as refused:
        setattr(made, name, "字" * (length + 1))
    assert refused.value.remedy


def test_a_title_too_long_is_refused_by_every_database(records, clock):
    whole = Case("a", "题" * 200, "院" * 200, clock.now, cause="由" * 200)
    records.cases.save(whole)
    assert records.cases.get("a") == whole
    with pytest.raises(BadInput, match="201 characters"):
        records.cases.save(replace(whole, id="b", title="题" * 201))
    assert [one.id for one in records.cases.all()] == ["a"]
