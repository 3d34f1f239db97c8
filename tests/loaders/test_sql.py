"""Queries of a database as rows of text, against a PostgreSQL of our own and SQLite."""

from __future__ import annotations

import builtins
import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.postgres import DATABASE, OWNER, url_of
from workbench.errors import InputError
from workbench.loaders import sql
from workbench.loaders.sql import query_grid, single_statement
from workbench.loaders.sql_cells import cell_text

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def run(postgres: Path, query: str, work: Path, **options: Any) -> list[list[str | None]]:
    grid = query_grid(url_of(postgres, **options), query, name="q.sql", work=work)
    return [cells for _, cells in grid.rows()]


def execute(postgres: Path, *statements: str) -> None:
    with psycopg.connect(
        host=str(postgres), user=OWNER, dbname=DATABASE, autocommit=True
    ) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_types_of_postgresql_become_the_texts_of_cells(postgres, tmp_path):
    values = {
        "int8 '911000000000000001'": "911000000000000001",
        "numeric '1234567.10'": "1234567.10",
        "numeric '0.00000001'": "0.00000001",
        "numeric 'NaN'": None,
        "float8 '0.1'": "0.1",
        "float8 '3'": "3",
        "float8 'NaN'": None,
        "float8 '911000000000000000'": "9.11E+17",
        "date '2024-08-21'": "2024-08-21",
        "timestamp '2024-08-21 09:30'": "2024-08-21T09:30:00",
        "timestamptz '2024-08-20 16:00Z'": "2024-08-21T00:00:00+08:00",
        "true": "TRUE",
        "false": "FALSE",
        "array['张三', '李四']": '["张三", "李四"]',
        """json '{"省": "浙江", "n": [1, null]}'""": '{"省": "浙江", "n": [1, null]}',
        "uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "null::int": None,
        "''": None,
        "' 华东 '": " 华东 ",
        "'100%:a %s'": "100%:a %s",
    }
    names, cells = run(postgres, "select " + ", ".join(values), tmp_path)
    assert dict(zip(values, cells, strict=True)) == values
    assert len(names) == len(values)


def test_first_row_is_the_names_and_rows_are_read_again(postgres, tmp_path):
    execute(postgres, "drop table if exists deal", "create table deal (id int, 金额 numeric)")
    execute(postgres, "insert into deal values (1, 10.5), (2, null)")
    grid = query_grid(
        url_of(postgres), "table deal order by id; -- all", name="deals.sql", work=tmp_path
    )
    rows = [(1, ["id", "金额"]), (2, ["1", "10.5"]), (3, ["2", None])]
    assert list(grid.rows()) == rows
    execute(postgres, "drop table deal")
    assert list(grid.rows()) == rows
    assert (grid.named, grid.system, grid.object) == (True, "", "")
    assert grid.notes == {"format": "sql", "dialect": "postgresql"}
    assert str(grid.source) == f"postgresql:///{DATABASE} [deals.sql]"


def test_columns_of_one_name_are_both_there(postgres, tmp_path):
    assert run(postgres, "select 1 as id, 2 as id", tmp_path) == [["id", "id"], ["1", "2"]]


def test_a_query_without_rows_gives_its_names(postgres, tmp_path):
    assert run(postgres, "select 1 as id where false", tmp_path) == [["id"]]


def test_rows_come_in_batches_and_none_is_lost(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr(sql, "BATCH", 7)
    rows = run(postgres, "select g from generate_series(1, 50) g", tmp_path)
    assert rows == [["g"], *([str(number)] for number in range(1, 51))]


def test_rows_are_fetched_by_a_cursor_of_the_server(postgres, tmp_path):
    query = "select count(*) from pg_cursors where statement like '%pg_cursors%'"
    assert run(postgres, query, tmp_path) == [["count"], ["1"]]


def test_postgresql_refuses_a_function_that_writes(postgres, tmp_path):
    execute(
        postgres,
        "create table if not exists written (id int)",
        "create or replace function sneaky() returns int language sql as "
        "'insert into written values (1) returning 1'",
    )
    with pytest.raises(InputError, match="read-only transaction"):
        run(postgres, "select sneaky()", tmp_path)
    assert run(postgres, "select count(*) from written", tmp_path)[1] == ["0"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select nowhere", 'column "nowhere" does not exist'),
        ("select date 'infinity'", "date too large"),
        ("select 1 / (g - 30000) from generate_series(1, 40000) g", "division by zero"),
        ("select 'a'::bytea as picture", "the column picture holds bytes"),
    ],
)
def test_what_the_database_cannot_give_is_one_sentence_and_leaves_no_file(
    postgres, tmp_path, query, message
):
    with pytest.raises(InputError, match=message) as caught:
        run(postgres, query, tmp_path)
    assert query not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_no_password_is_shown_when_the_server_is_not_there(tmp_path):
    url = f"postgresql://me:pa%40ss@/sales?host={tmp_path}&sslpassword=topsecret"
    with pytest.raises(InputError) as caught:
        query_grid(url, "select 1", name="q.sql", work=tmp_path / "work")
    shown = str(caught.value) + repr(caught.value.__context__.__suppress_context__)
    assert "postgresql:///sales" in shown
    assert not any(secret in shown for secret in ("pa@ss", "pa%40ss", "topsecret"))


def test_a_password_in_the_message_of_the_server_is_struck_out(tmp_path):
    url = "postgresql://me:topsecret@/sales?connect_timeout=topsecret"
    with pytest.raises(InputError, match=r"connect_timeout.*\*\*\*"):
        query_grid(url, "select 1", name="q.sql", work=tmp_path)


def test_variables_of_the_environment_stand_in_the_url(postgres, tmp_path):
    environment = {"WHO": OWNER, "SECRET": "p@ss:/?#%", "DB": DATABASE}
    url = "postgresql://${WHO}:${SECRET}@/${DB}?host=" + str(postgres)
    grid = query_grid(url, "select current_user", name="q", work=tmp_path, environment=environment)
    assert list(grid.rows())[1] == (2, [OWNER])
    whole = {"URL": url_of(postgres, password="x")}
    grid = query_grid("${URL}", "select 1", name="q", work=tmp_path, environment=whole)
    assert grid.source.file == f"postgresql:///{DATABASE}"


def test_a_variable_that_is_not_set_is_named(tmp_path):
    with pytest.raises(InputError, match="the variable NO_SUCH is not set"):
        query_grid("postgresql://a:${NO_SUCH}@h/d", "select 1", name="q", work=tmp_path)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "the address of the database cannot be read"),
        ("postgresql://a:secret@h:port/d", "the address of the database cannot be read"),
        ("nosuchbase://a:secret@h/d", "there is no driver for nosuchbase"),
        ("postgresql+asyncpg://a:secret@h/d", "asyncpg"),
        ("sqlite:///no/such/file.db", "there is no such database"),
    ],
)
def test_an_address_that_cannot_be_used(url, message, tmp_path):
    with pytest.raises(InputError, match=message) as caught:
        query_grid(url, "select 1", name="q", work=tmp_path)
    assert "secret" not in str(caught.value)


def test_without_sqlalchemy_the_command_is_named(monkeypatch, tmp_path):
    genuine = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "sqlalchemy":
            raise ModuleNotFoundError(name=name)
        return genuine(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match="SQLAlchemy") as caught:
        query_grid("sqlite://", "select 1", name="q", work=tmp_path)
    assert caught.value.do == 'python -m pip install "sales-workbench[sql]"'


def test_sqlite_is_read_and_cannot_be_written(tmp_path):
    path = tmp_path / "客户 crm.db"
    with sqlite3.connect(path) as base:
        base.execute("create table account (name text, amount real)")
        base.execute("insert into account values ('甲', 1.5), ('乙', null)")
    base.close()
    grid = query_grid(
        f"sqlite:///{path}", "select * from account", name="a", work=tmp_path / "work"
    )
    assert [cells for _, cells in grid.rows()] == [["name", "amount"], ["甲", "1.5"], ["乙", None]]
    assert grid.notes["dialect"] == "sqlite"


def test_sqlite_is_opened_so_that_nothing_can_be_written(tmp_path, monkeypatch):
    path = tmp_path / "crm.db"
    sqlite3.connect(path).execute("create table account (name text)").connection.close()
    monkeypatch.setattr(sql, "single_statement", lambda query, where: query)
    with pytest.raises(InputError, match="readonly"):
        query_grid(f"sqlite:///{path}", "insert into account values ('x')", name="a", work=tmp_path)


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "  SELECT 1 ; ",
        "(select 1) union (select 2)",
        "with a as (select 1) select * from a",
        "table deal",
        "values (1, 'a;b'), (2, 'it''s; insert into x')",
        "-- delete from x;\nselect 1 /* ; drop /* nested ; */ table */",
        "select $q$ ; insert into $q$, $$;$$, E'a\\';', \"into;\", '-- no comment' as x",
        "select 1; -- the end;",
        "/* a /* b */ ; drop table deal */ select 1",
    ],
)
def test_statements_that_read(query):
    assert single_statement(query)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "begins with nothing"),
        ("-- select 1", "begins with nothing"),
        ("delete from deal", "begins with DELETE"),
        ("/* select */ drop table deal", "begins with DROP"),
        ("copy deal to '/etc/x'", "begins with COPY"),
        ("explain analyze select 1", "begins with EXPLAIN"),
        ("select 1; select 2", "more than one statement"),
        ("select ';'; drop table deal", "more than one statement"),
        ("select 1 /* a */; /* b */ commit", "more than one statement"),
        ("select * into copied from deal", "writes or locks"),
        ("with x as (delete from deal returning 1) select * from x", "writes or locks"),
        ("with x as (update deal set a = 1 returning 1) table x", "writes or locks"),
        ("with x as (insert\ninto deal values (1) returning 1) table x", "writes or locks"),
    ],
)
def test_statements_that_are_refused(query, message):
    with pytest.raises(InputError, match=message):
        single_statement(query)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.10"), "-0.10"),
        (Decimal("Infinity"), "Infinity"),
        (1e-7, "0.0000001"),
        (-2.0, "-2"),
        (1234567890123456.0, "1.23456789012346E+15"),
        (float("inf"), "Infinity"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, 600, SHANGHAI), "2024-01-02T03:04:05.000600+08:00"),
        (dt.time(9, 30), "09:30:00"),
        ([Decimal("1.10"), dt.date(2024, 1, 2)], '["1.10", "2024-01-02"]'),
        (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_values_as_text(value, text):
    assert cell_text(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_never_rounded(value):
    assert Decimal(cell_text(value)) == value


@given(st.floats(-1e14, 1e14))
def test_a_float_of_any_amount_comes_back(value):
    assert float(cell_text(value)) == value
