"""The HTTP API, asked whatever its own OpenAPI description allows and what it does not: it never breaks, and answers as it says.

On PostgreSQL, which refuses more than SQLite. AUDIT_FUZZ_EXAMPLES asks more often than the everyday suite does.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import schemathesis
from desk_room import a_desk, a_place
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from sqlalchemy import select

from audit.cases import people
from audit.cases.opening import open_nights
from audit.cases.store import Desk
from audit.cases.tables import cases
from audit.console.app import create_app

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("AUDIT_FUZZ_EXAMPLES", "60"))  # for each role, shared by all operations


def test_the_api_answers_as_it_says(postgres: str, audited: Path, tmp_path: Path) -> None:
    desk = a_desk(postgres)
    open_nights(desk, audited.parent)
    for role in ("senior", "hospital", "admin"):
        ask_everything(desk, role, tmp_path)
    desk.engine.dispose()


def ask_everything(desk: Desk, role: str, folder: Path) -> None:
    """Every operation, by somebody of this role."""
    with desk.act() as act:
        institution = act.con.scalar(select(cases.c.fixmedins_code).order_by(cases.c.id).limit(1))
        person_id, _ = people.add(act, role, role, role, "", institution if role == "hospital" else None, oidc_subject=role)
        account = act.con.execute(people.people.select().where(people.people.c.id == person_id)).one()
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(a_place(desk, folder)))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations
    for operation in operations:
        with desk.act(people.person_of(account)) as act:  # anew, since some operations end sessions
            token = people.new_token(act, "fuzz", timedelta(days=1))
        ask(operation, token, max(2, EXAMPLES // len(operations)))


def ask(operation: Any, token: str, examples: int) -> None:
    """One operation, so many times."""

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def asked(case: schemathesis.Case) -> None:
        case.validate_response(case.call(headers={"Authorization": f"Bearer {token}"}), checks=CHECKS)

    asked()
