"""Russian: a sentence by hand for every kind."""

import re
from collections.abc import Callable

import pytest

from tests.words import forecasts, kinds
from worker.explain import verdicts as v
from worker.plans import faults as f
from worker.plans import forecast as fc
from worker.plans import refusals as r
from worker.plans import warnings as w
from worker.plans.warnings import IdKind
from worker.rules.choose import Links, Reason
from worker.words import russian, russian_forecast

AT = f.LineColumn(2, 13)

FAULTS: list[tuple[f.FaultKind, str]] = [
    (f.NotYaml(AT, "found '@'"), "строка 2, столбец 13: файл не читается как YAML (found '@')"),
    (f.NotYaml(None, "found '@'"), "файл не читается как YAML (found '@')"),
    (f.KeyTwice(AT, "id"), "строка 2, столбец 13: поле «id» указано дважды"),
    (f.KeyNotText(AT), "строка 2, столбец 13: имя поля должно быть текстом"),
    (f.TagUsed(AT, "!x"), "строка 2, столбец 13: тегов YAML в файле планов быть не должно (!x)"),
    (f.NotPrintable(), "файл содержит управляющие символы или записан не в UTF-8"),
    (f.TooDeep(), "в файле слишком глубокая вложенность или недопустимые в YAML значения"),
    (f.NoFields(), "файл: нужна группа полей"),
    (f.Missing(), "обязательное поле"),
    (f.UnknownField(), "такого поля у плана нет"),
    (f.NotText(), "нужен текст (в файле — в кавычках)"),
    (f.NotUnicode(), "нужен текст без повреждённых символов"),
    (f.NotId(), "нужно от 1 до 128 печатных символов"),
    (f.NotGroup(), "нужна группа полей"),
    (f.NotBool(), "нужно true или false"),
    (f.NotList(), "нужен список"),
    (f.Empty(), "нужна хотя бы одна запись"),
    (f.TooShort(1), "нужен хотя бы один символ"),
    (f.TooShort(2), "нужно не меньше 2 символов"),
    (f.TooShort(21), "нужно не меньше 21 символа"),
    (f.TooLong(1), "нужно не больше 1 символа"),
    (f.TooLong(11), "нужно не больше 11 символов"),
    (f.TooLong(30), "нужно не больше 30 символов"),
    (f.TooLarge(100), "нужно число не больше 100"),
    (f.NotOneOf(("even", "linked")), "нужно одно из значений: even, linked"),
    (f.NotAmount(), "нужно число не меньше нуля, не больше двух цифр после запятой"),
    (f.NamedTwice(("anna",)), "повторяется: «anna»"),
    (f.NamedTwice(("anna", "boris")), "повторяются: «anna», «boris»"),
    (f.NotWords(), "нужна одна строка видимого текста, без управляющих символов"),
    (f.NoColor(), 'цвет не указан: в файле цвет нужно писать в кавычках, например color: "#2563eb"'),
    (f.NotColor(), "нужен цвет вида #2563eb"),
    (f.NotPlanId(), "нужны слова из букв a-z и цифр через дефис, например june-webinar"),
    (f.OtherFault("Input should be novel"), "недопустимое значение"),
    (f.PlanIdTwice("june", 0), "id «june» уже есть у плана plans[0]"),
    (f.LgtTwice("a", "one"), "LGT «a» уже есть в плане «one», а может быть только в одном"),
    (f.LgtTaken("a", "june"), "LGT «a» уже есть в плане «june», а может быть только в одном"),
    (f.IdOfArchived("june"), "план «june» в архиве и останется там; выберите другой id"),
]
REFUSALS: list[tuple[r.Refusal, str]] = [
    (r.NoPlan("jun", None), "плана «jun» в аккаунте нет"),
    (r.NoPlan("jun", "june"), "плана «jun» в аккаунте нет; может быть, «june»?"),
    (r.NotInPlan("bors", "june", "boris"), "менеджера «bors» в плане «june» нет; может быть, «boris»?"),
    (r.AlreadyInPlan("anna", "june"), "менеджер «anna» уже есть в плане «june»"),
    (r.PlanArchived("june"), "план «june» в архиве"),
    (r.LgtLost("july", "l1", "june"), "план «july»: LGT «l1» уже есть в плане «june», а может быть только в одном"),
]
WARNINGS: list[tuple[w.PlanWarning, str]] = [
    (w.GoOnWaiting("june", 1), "план «june»: 1 клиент останется в нём ждать"),
    (w.GoOnWaiting("june", 3), "план «june»: 3 клиента останутся в нём ждать"),
    (w.GoOnWaiting("june", 12), "план «june»: 12 клиентов останутся в нём ждать"),
    (w.GoOnWaiting("june", 21), "план «june»: 21 клиент останется в нём ждать"),
    (w.NoActiveManager("june"), "план «june»: нет активных менеджеров, новые клиенты будут ждать"),
    (w.NothingComesIn("june"), "план «june»: нет ни LGT, ни офферов, новых клиентов не будет"),
    (
        w.JoinsRunning("june", "olga", 0),
        "план «june» уже работает, и в нём появляется менеджер «olga» (сейчас 0 клиентов): "
        "каждый новый клиент пойдёт к этому менеджеру, пока число клиентов не станет как у остальных",
    ),
    (
        w.SharedOffer("o", ("july", "june")),
        "оффер «o» есть в нескольких планах («july», «june»): клиенты по нему попадут в каждый из них",
    ),
    (
        w.BlankAround(IdKind.ACCOUNT, "acme "),
        "аккаунт «acme »: в начале или в конце стоит пробел, это часть id",
    ),
    (
        w.InvisibleCharacters(IdKind.MANAGER, "Анна\u200b"),
        "менеджер «Анна\\u200b»: есть невидимые символы, это часть id",
    ),
    (
        w.MixedAlphabets(IdKind.OFFER, "\u0430nna", ("CYRILLIC", "LATIN")),
        "оффер «\u0430nna»: в одном слове буквы разных алфавитов (кириллица, латиница): '\\u0430nna'",
    ),
    (
        w.MixedAlphabets(IdKind.OFFER, "\u03b1nna", ("GREEK", "LATIN")),
        "оффер «\u03b1nna»: в одном слове буквы разных алфавитов (греческий, латиница): '\\u03b1nna'",
    ),
    (w.LookAlike(IdKind.MANAGER, ("Алёна", "алёна")), "менеджеры «Алёна» и «алёна» выглядят похоже, но это разные id"),
    (
        w.LookAlike(IdKind.LGT, ("jose\u0301", "jos\u00e9")),
        "LGT «jose\\u0301» и «jos\\xe9» выглядят похоже, но это разные id",
    ),
]
PROSPECTS: list[tuple[fc.Prospect, str]] = [
    (fc.NobodyActive(), "активных менеджеров нет: новые клиенты будут ждать"),
    (fc.TakesNoMore(), "план в архиве: новых клиентов в нём не будет"),
    (fc.OnlyActive("anna"), "каждый новый клиент пойдёт к «anna», других активных менеджеров нет"),
    (fc.ByTurns(("anna", "boris")), "следующие клиенты — по очереди: «anna», «boris»"),
    (
        fc.ByTurns(("anna", "boris"), (fc.Share("olga", 31),)),
        "следующие клиенты — по очереди: «anna», «boris»; у «olga» первый новый — после остальных (31 клиент)",
    ),
    (
        fc.ByTurns(("anna", "boris"), (fc.Share("olga", 5000),), is_exact=False),
        "следующие клиенты — по очереди: «anna», «boris»; "
        "у «olga» первый новый — после остальных (не меньше 5000 клиентов)",
    ),
    *zip(
        forecasts.PROSPECTS,
        [
            "следующие 143 клиента, примерно 3 дня; остальным новых не будет до вторника",
            "следующий 1 клиент, примерно час; остальным новых сегодня пока не будет",
            "следующие 5 клиентов, примерно 6 часов; остальным новых сегодня пока не будет",
            "следующие 46 клиентов, примерно день; остальным новых не будет до завтра",
            "следующие 700 клиентов, примерно 15 дней; остальным новых не будет до 2026-12-13",
            "следующие 22 клиента; остальным новых пока не будет",
            "следующие 5000 клиентов или больше, примерно 109 дней или больше; остальным новых пока не будет",
        ],
        strict=True,
    ),
]
VERDICTS: list[tuple[v.Verdict, str]] = [
    (v.OnlyActive(), "других активных менеджеров в плане нет"),
    (v.FewestLeads(1), "меньше, чем у остальных: 1 клиент"),
    (v.LongestWithout(22), "меньше ни у кого нет (22 клиента), и нового не было дольше всех"),
    (
        v.FirstInOrder(0),
        "меньше ни у кого нет (0 клиентов), дольше без нового никто не ждёт, и первое место в постоянном порядке плана",
    ),
    (
        v.NobodyLinked(v.FewestLeads(5)),
        "у активных менеджеров плана нет связи с клиентом, поэтому по числу клиентов: "
        "меньше, чем у остальных: 5 клиентов",
    ),
    (v.LatestContact(), "самый недавний контакт с клиентом среди активных менеджеров плана"),
    (
        v.OwnsElsewhere("may"),
        "ни у кого из активных менеджеров плана не было контакта с клиентом, "
        "а в плане «may» клиент уже у этого менеджера",
    ),
    (v.Paused(), "на паузе"),
    (v.EarlierContact("anna"), "контакт с клиентом был раньше, чем у менеджера «anna»"),
    (v.NoContact(), "контакта с клиентом не было"),
    (
        v.OwnsWithoutContact("may"),
        "контакта с клиентом не было; в плане «may» клиент уже у этого менеджера, но контакт важнее",
    ),
    (
        v.EarlierOwner("april", "anna"),
        "клиент уже у этого менеджера в плане «april», но менеджеру «anna» в другом плане клиент достался позже",
    ),
    (v.NotLinked(), "контакта с клиентом не было, и в других планах этого клиента нет"),
    (v.HadMore(21, "boris", 11), "уже 21 клиент, а у менеджера «boris» — 11 клиентов"),
    (
        v.MoreRecent(1, 2, "anna", 1),
        "столько же (1 клиент), но последний клиент пришёл позже: номер 2, а у менеджера «anna» — номер 1",
    ),
    (
        v.LaterInOrder(0, "cleo"),
        "столько же (0 клиентов), и по времени разницы нет, но в постоянном порядке плана место после менеджера «cleo»",
    ),
]
WAITS: list[tuple[v.WaitsFor, str]] = [
    (v.InArchived(), "план в архиве и больше не принимает клиентов"),
    (v.NobodyActive(), "в плане нет активных менеджеров"),
    (v.InQueue(1), "в плане снова есть активный менеджер; впереди 1 клиент"),
    (v.InQueue(104), "в плане снова есть активный менеджер; впереди 104 клиента"),
]
DISAGREEMENTS: list[tuple[v.Disagreement, str]] = [
    (v.VersionMissing(7), "версия 7 плана не сохранилась"),
    (v.NobodyWasActive("zed", "even"), "активных менеджеров в плане не было, а в журнале «zed» (поровну)"),
    (
        v.DecidedOtherwise("anna", Reason.LINKED_CONTACT, "zed", "linked_plan"),
        "по правилам «anna» (по контакту), а в журнале «zed» (по другому плану)",
    ),
]


CASES: kinds.Cases = {
    russian.fault_of_field: FAULTS,
    russian.refusal: REFUSALS,
    russian.warning: WARNINGS,
    russian_forecast.prospect: PROSPECTS,
    russian.verdict: VERDICTS,
    russian.waits_for: WAITS,
    russian.disagreement: DISAGREEMENTS,
}


def test_every_kind_is_here() -> None:
    """A new kind needs a sentence here before it has one on a page."""
    assert kinds.in_cases(CASES) == kinds.ALL


@pytest.mark.parametrize(("say", "value", "sentence"), kinds.each(CASES))
def test_a_value_becomes_a_sentence(say: Callable[..., str], value: object, sentence: str) -> None:
    """Each to the letter."""
    assert say(value) == sentence


def test_a_reason_that_nobody_knows_stays_as_it_is() -> None:
    """The ledger may hold the reason of a later release."""
    assert russian.disagreement(v.NobodyWasActive("zed", "handover")).endswith("«zed» (handover)")


def test_a_fault_of_a_file() -> None:
    """The field stands first, unless the file as a whole is at fault."""
    assert russian.fault(f.Fault("plans[0].label.text", f.Missing())) == "plans[0].label.text: обязательное поле"
    assert russian.fault(f.Fault("", f.NoFields())) == "файл: нужна группа полей"


def test_contacts_and_links() -> None:
    """The latest first."""
    assert russian.contact("anna", "3 ноября") == "последний контакт с клиентом: «anna», 3 ноября"
    assert russian.links(Links(("anna", "zoe"), (("may", "cleo"),))) == (
        "контакт с клиентом: «anna», «zoe»; клиент в других планах: «cleo» (план «may»); сначала самые недавние"
    )
    assert russian.links(Links((), ())) == (
        "контакт с клиентом: ни у кого; клиент в других планах: нет; сначала самые недавние"
    )


def test_no_manager_is_he_or_she() -> None:
    """The words of a person's gender are in no sentence."""
    told = [sentence for _, _, sentence in kinds.each(CASES)]
    gendered = re.compile(r"\b(он|она|его|её|ему|ей|ним|ней|него|неё|которого|которой)\b", re.IGNORECASE)
    assert [text for text in told if gendered.search(text)] == []


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u00a0", "\x1b", "\ud800"])
def test_an_id_hides_nothing(hidden: str) -> None:
    """Direction marks and control characters are shown as escapes wherever an id stands."""
    assert hidden not in russian.refusal(r.PlanArchived(f"a{hidden}b"))
    assert hidden not in russian.warning(w.LookAlike(IdKind.OFFER, (f"a{hidden}b", "ab")))


def test_a_forecast_begins_with_the_change_and_the_pace() -> None:
    """Numbers and their nouns agree; waiting clients and links stand at the end."""
    rate = "за последние 7 дней в среднем 46 клиентов в день"
    assert [russian.forecast(each)[0].removeprefix("план «june-webinar»: ") for each in forecasts.EACH] == [
        f"добавляется «olga», у коллег по 143 клиента; {rate}",
        f"добавляются «olga» и «petra», у коллег от 140 до 143 клиентов; {rate}",
        "возвращается «olga» (сейчас 1 клиент), возвращается «petra» (сейчас 2 клиента), "
        f"больше не получает клиентов «dora», у коллег по 1 клиенту; {rate}",
        "больше не получают клиентов «dora» и «emil», у менеджера «anna» 21 клиент; "
        "за последние 7 дней в среднем 1 клиент в день",
        "догоняет «olga», у коллег по 2 клиента; за последние 7 дней в среднем 1,4 клиента в день",
        "у активных менеджеров от 2 до 3 клиентов; за последние 7 дней клиентов не было",
        f"больше не получает клиентов «anna»; {rate}",
    ]
    assert russian.forecast(forecasts.about(waiting=2, is_linked=True))[2:] == [
        "сначала — те, кто уже ждёт: 2 клиента",
        "план со связями: клиент сначала идёт к менеджеру, с которым связан, и прогноз этого не видит",
    ]
