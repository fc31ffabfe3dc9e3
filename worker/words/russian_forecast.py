"""Russian sentences of forecasts, plain and without gender."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.plans import forecast as fc
from worker.words.escapes import visible
from worker.words.russian_counts import clients, form

_SOON_DAYS = 6  # a weekday's name is clear for so many days
_UNTIL = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")


def situation(found: fc.Forecast) -> str:
    """The change, the number of clients of those whom it does not concern, and the pace."""
    about = ", ".join((*_moves(found), *_counts(found)))
    return f"план {_quoted(found.plan_id)}: {about + '; ' if about else ''}{_pace(found.pace)}"


def _moves(found: fc.Forecast) -> Iterator[str]:
    moves = found.moves
    if moves.joins:
        yield f"{'добавляется' if len(moves.joins) == 1 else 'добавляются'} {_names(moves.joins)}"
    for share in moves.returns:
        yield f"возвращается {_quoted(share.manager_id)} (сейчас {clients(share.leads)})"
    if moves.stops:
        yield f"больше не {'получает' if len(moves.stops) == 1 else 'получают'} клиентов {_names(moves.stops)}"
    if found.catching_up and not (moves.joins or moves.returns):
        yield f"{'догоняет' if len(found.catching_up) == 1 else 'догоняют'} {_names(found.catching_up)}"


def _counts(found: fc.Forecast) -> Iterator[str]:
    counts = [share.leads for share in found.colleagues]
    if len(counts) == 1:
        yield f"у менеджера {_quoted(found.colleagues[0].manager_id)} {clients(counts[0])}"
    elif counts:
        alone = not found.catching_up and not found.moves.stops
        who = "у активных менеджеров" if alone else "у коллег"
        each = f"по {clients(counts[0])}" if counts[0] % 10 != 1 or counts[0] % 100 == 11 else f"по {counts[0]} клиенту"
        yield f"{who} {each if len(set(counts)) == 1 else f'от {min(counts)} до {_of_clients(max(counts))}'}"


def _of_clients(count: int) -> str:
    """A number and its clients in the genitive, which follows "to"."""
    return f"{count} {form(count, 'клиента', 'клиентов', 'клиентов')}"


def _pace(pace: fc.Pace) -> str:
    if not pace.leads:
        return "за последние 7 дней клиентов не было"
    if pace.per_day >= 10:
        return f"за последние 7 дней в среднем {clients(round(pace.per_day))} в день"
    rate = f"{pace.per_day:.1f}".removesuffix(".0")
    words = clients(int(rate)) if rate.isdecimal() else f"{rate.replace('.', ',')} клиента"
    return f"за последние 7 дней в среднем {words} в день"


def prospect(found: fc.Prospect) -> str:
    """The managers of the next clients; it follows the situation."""
    match found:
        case fc.NobodyActive():
            return "активных менеджеров нет: новые клиенты будут ждать"
        case fc.TakesNoMore():
            return "план в архиве: новых клиентов в нём не будет"
        case fc.OnlyActive(manager_id):
            return f"каждый новый клиент пойдёт к {_quoted(manager_id)}, других активных менеджеров нет"
        case fc.CatchesUp(run, lasts, is_exact):
            more = "" if is_exact else " или больше"
            leads = f"{form(run, 'следующий', 'следующие', 'следующие')} {clients(run)}{more}"
            about = f", примерно {_time(lasts.days)}{more}" if lasts else ""
            until = _until(lasts) if lasts and is_exact else "пока не будет"
            return f"{leads}{about}; остальным новых {until}"
        case fc.ByTurns(managers, late, is_exact):
            least = "" if is_exact else "не меньше "
            others = "".join(
                f"; у {_quoted(each.manager_id)} первый новый — после остальных ({_of_others(each.leads, least)})"
                for each in late
            )
            return f"следующие клиенты — по очереди: {', '.join(map(_quoted, managers))}{others}"


def _of_others(count: int, least: str) -> str:
    """A number and its clients, in the genitive after "at least"."""
    return f"{least}{_of_clients(count)}" if least else clients(count)


def notes(found: fc.Forecast) -> list[str]:
    """Waiting clients, and the limit of forecasts of linked plans."""
    said = []
    if found.waiting and found.next_managers:
        said.append(f"сначала — те, кто уже ждёт: {clients(found.waiting)}")
    if found.is_linked:
        said.append("план со связями: клиент сначала идёт к менеджеру, с которым связан, и прогноз этого не видит")
    return said


def _time(days: float) -> str:
    if days * 24 < 1.5:
        return "час"
    if days < 0.98:
        hours = round(days * 24)
        return f"{hours} {form(hours, 'час', 'часа', 'часов')}"
    whole = max(round(days), 1)
    return "день" if whole == 1 else f"{whole} {form(whole, 'день', 'дня', 'дней')}"


def _until(lasts: fc.Duration) -> str:
    days = (lasts.until - lasts.today).days
    if days == 0:
        return "сегодня пока не будет"
    if days == 1:
        return "не будет до завтра"
    return f"не будет до {_UNTIL[lasts.until.weekday()] if days <= _SOON_DAYS else lasts.until.isoformat()}"


def _names(ids: Sequence[str]) -> str:
    *others, last = map(_quoted, ids)
    return f"{', '.join(others)} и {last}" if others else last


def _quoted(id_: str) -> str:
    return f"«{visible(id_)}»"
