"""English sentences of forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.plans import forecast as fc

_SOON_DAYS = 6  # a weekday's name is clear for so many days
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def situation(found: fc.Forecast) -> str:
    """The change, the number of leads of those whom it does not concern, and the pace."""
    about = ", ".join((*_moves(found), *_counts(found)))
    return f"{found.plan_id}: {about + '; ' if about else ''}{_pace(found.pace)}"


def _moves(found: fc.Forecast) -> Iterator[str]:
    moves = found.moves
    if moves.joins:
        yield f"{_names(moves.joins)} {'joins' if len(moves.joins) == 1 else 'join'}"
    for share in moves.returns:
        yield f"{share.manager_id} comes back with {share.leads}"
    if moves.stops:
        yield f"{_names(moves.stops)} {'stops' if len(moves.stops) == 1 else 'stop'}"
    if found.catching_up and not (moves.joins or moves.returns):
        yield f"{_names(found.catching_up)} {'catches' if len(found.catching_up) == 1 else 'catch'} up"


def _counts(found: fc.Forecast) -> Iterator[str]:
    counts = [share.leads for share in found.colleagues]
    if len(counts) == 1:
        yield f"{found.colleagues[0].manager_id} has {counts[0]}"
    elif counts:
        alone = not found.catching_up and not found.moves.stops
        who = f"{len(counts)} active managers" if alone else "colleagues"
        range_ = f"{counts[0]} each" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
        yield f"{who} have {range_}"


def _pace(pace: fc.Pace) -> str:
    if not pace.leads:
        return "no leads in the last 7 days"
    rate = f"{pace.per_day:,.0f}" if pace.per_day >= 10 else f"{pace.per_day:.1f}".removesuffix(".0")
    return f"{rate} {'lead' if rate == '1' else 'leads'} a day over the last 7 days"


def prospect(found: fc.Prospect) -> str:
    """The managers of the next leads; it follows the situation."""
    match found:
        case fc.NobodyActive():
            return "nobody is active: all leads wait"
        case fc.TakesNoMore():
            return "the plan is archived: no more leads enter it"
        case fc.OnlyActive(manager_id):
            return f"every lead goes to {manager_id}, the only active manager"
        case fc.CatchesUp(run, lasts, is_exact):
            leads = "the next lead" if run == 1 else f"the next {run:,} leads"
            leads = leads if is_exact else f"at least {leads}"
            about = f", about {_time(lasts.days)}" if lasts else ""
            until = _until(lasts) if lasts and is_exact else "meanwhile"
            return f"{leads}{about}; the others get none {until}"
        case fc.ByTurns(managers, late, is_exact):
            least = "" if is_exact else "at least "
            others = "".join(f"; {each.manager_id} gets none of {least}the next {each.leads:,}" for each in late)
            return f"the next leads go to {', '.join(managers)}, by turns{others}"


def notes(found: fc.Forecast) -> list[str]:
    """Waiting leads, and the limit of forecasts of linked plans."""
    said = []
    if found.waiting and found.next_managers:
        go = "lead goes" if found.waiting == 1 else "leads go"
        said.append(f"{found.waiting:,} waiting {go} first")
    if found.is_linked:
        said.append("the plan is linked: a lead goes first to a manager who knows it, which no forecast foresees")
    return said


def _time(days: float) -> str:
    if days * 24 < 1.5:
        return "an hour"
    if days < 0.98:
        return f"{days * 24:.0f} hours"
    return "a day" if days < 1.5 else f"{days:,.0f} days"


def _until(lasts: fc.Duration) -> str:
    days = (lasts.until - lasts.today).days
    if days == 0:
        return "until later today"
    if days == 1:
        return "until tomorrow"
    return f"until {_WEEKDAYS[lasts.until.weekday()] if days <= _SOON_DAYS else lasts.until.isoformat()}"


def _names(ids: Sequence[str]) -> str:
    *others, last = ids
    return f"{', '.join(others)} and {last}" if others else last
