"""An account with everything that the pages have to show well: long names, hostile ids, pauses, waiting clients."""

from __future__ import annotations

import pytest

from tests.support.make import contact, lead, order, paused, plan
from tests.support.office import Office, spec
from worker.plans import store

LONG = "Повторная продажа расширенного пакета для тех, кто был на вебинаре в июне и не оплатил заказ до конца месяца"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
PEOPLE = """
insert into salesplan.person (user_id, account_id, role, manager_id) values
    ('head@sales.example', 'acme', 'head', null), ('head@two.example', 'acme', 'head', null),
    ('head@two.example', 'initech', 'head', null), ('head@two.example', 'globex', 'manager', 'zoe'),
    ('head@empty.example', 'empty', 'head', null);
insert into salesplan.display_name (account_id, kind, id, name) values
    ('acme', 'manager', 'anna', 'Анна Петрова'), ('acme', 'manager', 'boris', 'Борис Соколов'),
    ('acme', 'manager', 'cleo', 'Cleo Watson'), ('acme', 'manager', 'dina', 'Дина'),
    ('acme', 'manager', 'rosa', 'Роза Ким')
"""


@pytest.fixture
async def lively(office: Office) -> Office:
    """Acme, whose head is head@sales.example; head@two.example has three accounts, head@empty.example an empty one."""
    crowd = [f"manager-{number:02}" for number in range(14)]
    await office.apply(
        "acme",
        spec(
            plan("june", "anna", "boris", paused("cleo")),
            name="Июньский вебинар",
            label={"text": "Вебинар", "color": "#facc15"},
        ),
        spec(
            plan("consultation", "anna", "dina", mode="linked"),
            name="Consultation",
            label={"text": "Консультация", "color": "#1d4ed8"},
        ),
        spec(
            plan("again", *crowd, mode="linked"),
            name=LONG,
            average_sale="125000.50",
            label={"text": "Повтор. Ещё не оплачено, 12 ч.", "color": "#7f1d1d"},
        ),
        spec(plan("night", paused("rosa")), name="Night shift", label={"text": "Ночь"}),
        spec(plan("strange", "a\u202eb", "<script>alert(1)</script>", UNBROKEN), name=UNBROKEN),
        spec(plan("old", "anna"), name="Old plan"),
    )
    await office.write(*(lead(f"j-{number}", "june") for number in range(37)))
    await office.write(*(lead(f"c-{number}", "consultation") for number in range(21)))
    await office.write(*(lead(f"a-{number}", "again") for number in range(1234)))
    await office.write(*(lead(f"n-{number}", "night") for number in range(5)))
    await office.write(*(lead(f"x-{number}", "landing-9") for number in range(452)), order("o-1", "offer-7"))
    await office.write(contact("c-5", "anna"), lead("c-5", "strange"), lead("<b>x</b>\u202e" + UNBROKEN, "strange"))
    await office.apply(
        "acme",
        spec(
            plan("consultation", "anna", paused("dina"), "cleo", lgts=["consultation", UNBROKEN], ordered=["offer-1"]),
            name="Consultation",
            average_sale="1250.50",
            label={"text": "Консультация", "color": "#0f766e"},
        ),
    )
    await store.archive(office.connection, "acme", "old", changed_by="test", execute=True)
    await office.connection.execute(PEOPLE)
    return office
