"""Saved views: a person's own filters by name."""

from __future__ import annotations

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import views
from audit.cases.walls import Person

MOST = 30


def saved(con: Connection, person: Person) -> list[Row]:
    """The person's views (id, name, query) by name."""
    return list(con.execute(select(views.c.id, views.c.name, views.c.query).where(views.c.person_id == person.id).order_by(views.c.name)))


def save(act: Act, name: str, query: str) -> int:
    """Keep a filter (its URL's query) under a name; the same name again replaces it. Returns its id."""
    name = name.strip()
    if not name:
        raise Refused("请给视图起一个名称。", "Give the view a name.", 422)
    own = (views.c.person_id == act.person.id) & (views.c.name == name)
    known = act.con.scalar(select(views.c.id).where(own))
    if known is None and (act.con.scalar(select(func.count()).where(views.c.person_id == act.person.id)) or 0) >= MOST:
        raise Refused(f"最多保存{MOST}个视图,请先删除不用的。", f"You may keep {MOST} views; delete one first.")
    act.tell("view.save", subject=name)
    if known is not None:
        act.con.execute(update(views).where(own).values(query=query))
        return int(known)
    made = act.con.execute(insert(views).values(person_id=act.person.id, name=name, query=query))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def remove(act: Act, view_id: int) -> None:
    """Forget a view of one's own."""
    gone = act.con.execute(delete(views).where(views.c.id == view_id, views.c.person_id == act.person.id))
    if not gone.rowcount:
        raise Refused("没有这个视图。", "There is no such view.", 404)
    act.tell("view.remove", subject=str(view_id))
