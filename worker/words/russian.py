"""Russian sentences, plain and without gender: no verb of a person in the past tense, no "he" or "she"."""

from __future__ import annotations

from worker.explain import verdicts as v
from worker.plans import faults as f
from worker.plans import refusals as r
from worker.plans import warnings as w
from worker.plans.forecast import Forecast
from worker.rules.choose import Links, Reason
from worker.words.escapes import escape, visible
from worker.words.russian_counts import clients, form, of_characters
from worker.words.russian_forecast import notes, prospect, situation

_KIND = {w.IdKind.ACCOUNT: "аккаунт", w.IdKind.MANAGER: "менеджер", w.IdKind.LGT: "LGT", w.IdKind.OFFER: "оффер"}
_KINDS = {w.IdKind.ACCOUNT: "аккаунты", w.IdKind.MANAGER: "менеджеры", w.IdKind.LGT: "LGT", w.IdKind.OFFER: "офферы"}
_ALPHABET = {"LATIN": "латиница", "CYRILLIC": "кириллица", "GREEK": "греческий"}
_REASON = {
    Reason.EVEN.value: "поровну",
    Reason.LINKED_CONTACT.value: "по контакту",
    Reason.LINKED_PLAN.value: "по другому плану",
}
_CYRILLIC = frozenset(map(chr, range(0x410, 0x450))) | {"Ё", "ё"}


def fault(found: f.Fault) -> str:
    """The fault, with its field in the form of a plan file."""
    text = fault_of_field(found.kind)
    return f"{found.field}: {text}" if found.field else text


def fault_of_field(kind: f.FaultKind) -> str:
    """The fault without its field."""
    match kind:
        case f.PlanIdTwice(plan_id, first):
            return f"id {_quoted(plan_id)} уже есть у плана plans[{first}]"
        case f.LgtTwice(lgt_id, plan_id):
            return f"LGT {_quoted(lgt_id)} уже есть в плане {_quoted(str(plan_id))}, а может быть только в одном"
        case f.LgtTaken(lgt_id, plan_id):
            return f"LGT {_quoted(lgt_id)} уже есть в плане {_quoted(plan_id)}, а может быть только в одном"
        case f.IdOfArchived(plan_id):
            return f"план {_quoted(plan_id)} в архиве и останется там; выберите другой id"
        case f.NotYaml() | f.KeyTwice() | f.KeyNotText() | f.TagUsed() | f.NotPrintable() | f.TooDeep() | f.NoFields():
            return _unreadable(kind)
        case _:
            return _unfit(kind)


def _unreadable(kind: f.Unreadable) -> str:
    match kind:
        case f.NotYaml(at, problem):
            return f"{_at(at)}файл не читается как YAML ({problem})"
        case f.KeyTwice(at, name):
            return f"{_at(at)}поле {_quoted(name)} указано дважды"
        case f.KeyNotText(at):
            return f"{_at(at)}имя поля должно быть текстом"
        case f.TagUsed(at, tag):
            return f"{_at(at)}тегов YAML в файле планов быть не должно ({tag})"
        case f.NotPrintable():
            return "файл содержит управляющие символы или записан не в UTF-8"
        case f.TooDeep():
            return "в файле слишком глубокая вложенность или недопустимые в YAML значения"
        case f.NoFields():
            return "файл: нужна группа полей"


def _at(position: f.LineColumn | None) -> str:
    return f"строка {position.line}, столбец {position.column}: " if position else ""


def _unfit(kind: f.Unfit) -> str:
    match kind:
        case f.Missing():
            return "обязательное поле"
        case f.UnknownField():
            return "такого поля у плана нет"
        case f.NotText():
            return "нужен текст (в файле — в кавычках)"
        case f.NotUnicode():
            return "нужен текст без повреждённых символов"
        case f.NotId():
            return "нужно от 1 до 128 печатных символов"
        case f.NotGroup():
            return "нужна группа полей"
        case f.NotBool():
            return "нужно true или false"
        case f.NotList():
            return "нужен список"
        case f.Empty():
            return "нужна хотя бы одна запись"
        case f.TooShort(1):
            return "нужен хотя бы один символ"
        case f.TooShort(at_least):
            return f"нужно не меньше {of_characters(at_least)}"
        case f.TooLong(at_most):
            return f"нужно не больше {of_characters(at_most)}"
        case f.TooLarge(at_most):
            return f"нужно число не больше {at_most}"
        case f.NotOneOf(choices):
            return f"нужно одно из значений: {', '.join(choices)}"
        case f.NotAmount():
            return "нужно число не меньше нуля, не больше двух цифр после запятой"
        case f.NamedTwice(ids):
            return f"{'повторяется' if len(ids) == 1 else 'повторяются'}: {', '.join(map(_quoted, ids))}"
        case f.NotWords():
            return "нужна одна строка видимого текста, без управляющих символов"
        case f.NoColor():
            return 'цвет не указан: в файле цвет нужно писать в кавычках, например color: "#2563eb"'
        case f.NotColor():
            return "нужен цвет вида #2563eb"
        case f.NotPlanId():
            return "нужны слова из букв a-z и цифр через дефис, например june-webinar"
        case f.OtherFault():
            return "недопустимое значение"


def refusal(found: r.Refusal) -> str:
    """The refusal, with the nearest name if there is one."""
    match found:
        case r.NoPlan(plan_id, nearest):
            return f"плана {_quoted(plan_id)} в аккаунте нет{_perhaps(nearest)}"
        case r.NotInPlan(manager_id, plan_id, nearest):
            return f"менеджера {_quoted(manager_id)} в плане {_quoted(plan_id)} нет{_perhaps(nearest)}"
        case r.AlreadyInPlan(manager_id, plan_id):
            return f"менеджер {_quoted(manager_id)} уже есть в плане {_quoted(plan_id)}"
        case r.PlanArchived(plan_id):
            return f"план {_quoted(plan_id)} в архиве"
        case r.LgtLost(plan_id, lgt_id, holder):
            return (
                f"план {_quoted(plan_id)}: LGT {_quoted(lgt_id)} уже есть в плане {_quoted(holder)}, "
                "а может быть только в одном"
            )


def _perhaps(nearest: str | None) -> str:
    return "" if nearest is None else f"; может быть, {_quoted(nearest)}?"


def warning(found: w.PlanWarning) -> str:
    """A warning. In misleading ids, only ASCII and Russian letters stand without escapes."""
    match found:
        case w.GoOnWaiting(plan_id, leads):
            stay = form(leads, "останется", "останутся", "останутся")
            return f"план {_quoted(plan_id)}: {clients(leads)} {stay} в нём ждать"
        case w.NoActiveManager(plan_id):
            return f"план {_quoted(plan_id)}: нет активных менеджеров, новые клиенты будут ждать"
        case w.NothingComesIn(plan_id):
            return f"план {_quoted(plan_id)}: нет ни LGT, ни офферов, новых клиентов не будет"
        case w.JoinsRunning(plan_id, manager_id, leads):
            return (
                f"план {_quoted(plan_id)} уже работает, "
                f"и в нём появляется менеджер {_quoted(manager_id)} (сейчас {clients(leads)}): "
                "каждый новый клиент пойдёт к этому менеджеру, пока число клиентов не станет как у остальных"
            )
        case w.SharedOffer(offer_id, plan_ids):
            return (
                f"оффер {_quoted(offer_id)} есть в нескольких планах ({', '.join(map(_quoted, plan_ids))}): "
                "клиенты по нему попадут в каждый из них"
            )
        case w.BlankAround(kind, id_):
            return f"{_KIND[kind]} {_escaped(id_)}: в начале или в конце стоит пробел, это часть id"
        case w.InvisibleCharacters(kind, id_):
            return f"{_KIND[kind]} {_escaped(id_)}: есть невидимые символы, это часть id"
        case w.MixedAlphabets(kind, id_, alphabets):
            names = ", ".join(_ALPHABET[name] for name in alphabets)
            return f"{_KIND[kind]} {_quoted(id_)}: в одном слове буквы разных алфавитов ({names}): {id_!a}"
        case w.LookAlike(kind, ids):
            return f"{_KINDS[kind]} {' и '.join(map(_escaped, ids))} выглядят похоже, но это разные id"


def verdict(found: v.Verdict) -> str:
    """The reason for or against a manager. The name stands beside it, so no sentence repeats the name."""
    match found:
        case v.OnlyActive() | v.FewestLeads() | v.LongestWithout() | v.FirstInOrder():
            return _by_count(found)
        case v.NobodyLinked(by_count):
            return f"у активных менеджеров плана нет связи с клиентом, поэтому по числу клиентов: {_by_count(by_count)}"
        case v.LatestContact():
            return "самый недавний контакт с клиентом среди активных менеджеров плана"
        case v.OwnsElsewhere(plan_id):
            return (
                "ни у кого из активных менеджеров плана не было контакта с клиентом, "
                f"а в плане {_quoted(plan_id)} клиент уже у этого менеджера"
            )
        case _:
            return _passed_over(found)


def _by_count(found: v.ByCount) -> str:
    match found:
        case v.OnlyActive():
            return "других активных менеджеров в плане нет"
        case v.FewestLeads(leads):
            return f"меньше, чем у остальных: {clients(leads)}"
        case v.LongestWithout(leads):
            return f"меньше ни у кого нет ({clients(leads)}), и нового не было дольше всех"
        case v.FirstInOrder(leads):
            return (
                f"меньше ни у кого нет ({clients(leads)}), дольше без нового никто не ждёт, "
                "и первое место в постоянном порядке плана"
            )


def _passed_over(found: v.PassedOver) -> str:
    match found:
        case v.Paused():
            return "на паузе"
        case v.EarlierContact(chosen):
            return f"контакт с клиентом был раньше, чем у менеджера {_quoted(chosen)}"
        case v.NoContact():
            return "контакта с клиентом не было"
        case v.OwnsWithoutContact(plan_id):
            return (
                f"контакта с клиентом не было; в плане {_quoted(plan_id)} клиент уже у этого менеджера, "
                "но контакт важнее"
            )
        case v.EarlierOwner(plan_id, chosen):
            return (
                f"клиент уже у этого менеджера в плане {_quoted(plan_id)}, "
                f"но менеджеру {_quoted(chosen)} в другом плане клиент достался позже"
            )
        case v.NotLinked():
            return "контакта с клиентом не было, и в других планах этого клиента нет"
        case v.HadMore(leads, chosen, chosen_leads):
            return f"уже {clients(leads)}, а у менеджера {_quoted(chosen)} — {clients(chosen_leads)}"
        case v.MoreRecent(leads, last_seq, chosen, chosen_seq):
            return (
                f"столько же ({clients(leads)}), но последний клиент пришёл позже: "
                f"номер {last_seq}, а у менеджера {_quoted(chosen)} — номер {chosen_seq}"
            )
        case v.LaterInOrder(leads, chosen):
            return (
                f"столько же ({clients(leads)}), и по времени разницы нет, "
                f"но в постоянном порядке плана место после менеджера {_quoted(chosen)}"
            )


def waits_for(found: v.WaitsFor) -> str:
    """The reason of the wait."""
    match found:
        case v.InArchived():
            return "план в архиве и больше не принимает клиентов"
        case v.NobodyActive():
            return "в плане нет активных менеджеров"
        case v.InQueue(ahead):
            return f"в плане снова есть активный менеджер; впереди {clients(ahead)}"


def disagreement(found: v.Disagreement) -> str:
    """The answer of the rules, then that of the ledger."""
    match found:
        case v.VersionMissing(version):
            return f"версия {version} плана не сохранилась"
        case v.NobodyWasActive(manager_id, reason):
            return f"активных менеджеров в плане не было, а в журнале {_quoted(manager_id)} ({_reason(reason)})"
        case v.DecidedOtherwise(by_rules, by_rules_reason, manager_id, reason):
            return (
                f"по правилам {_quoted(by_rules)} ({_reason(by_rules_reason)}), "
                f"а в журнале {_quoted(manager_id)} ({_reason(reason)})"
            )


def _reason(reason: str) -> str:
    return _REASON.get(reason, reason)


def contact(manager_id: str, when: str) -> str:
    """The manager's latest contact: name, then time."""
    return f"последний контакт с клиентом: {_quoted(manager_id)}, {when}"


def links(known: Links) -> str:
    """The managers that the lead knew: contacts, then owners in other plans."""
    contacts = ", ".join(map(_quoted, known.contacts)) or "ни у кого"
    plans = ", ".join(f"{_quoted(manager)} (план {_quoted(plan)})" for plan, manager in known.plans) or "нет"
    return f"контакт с клиентом: {contacts}; клиент в других планах: {plans}; сначала самые недавние"


def forecast(found: Forecast) -> list[str]:
    """The lines of a forecast: the change and the pace, then who gets the next clients, then what else to know."""
    return [situation(found), prospect(found.prospect), *notes(found)]


def _quoted(id_: str) -> str:
    """The id in quotes, with escapes for characters that a reader can't see."""
    return f"«{visible(id_)}»"


def _escaped(id_: str) -> str:
    """The id in quotes, with escapes for all letters that a reader can mistake for others."""
    return f"«{''.join(letter if letter in _CYRILLIC else escape(letter) for letter in id_)}»"
