"""Which columns of a table contain people's names, in the languages of many programs."""

from collections.abc import Sequence
from typing import Literal

from matchmaker.roster.words import plain

Kind = Literal["full", "shown", "first", "last", "second last", "name", ""]
"""What a column contains: a full name; a name to display; a part of a name; or a name of which we
can't say whether it's a part. Empty if it isn't a name."""

# All in the form that `plain` returns, in English, German, French, Spanish, Italian, Dutch,
# Portuguese, and the languages from Scandinavia to Turkey; then in other scripts.
_FIRST = {
    *("first", "given", "forename", "forenames", "firstname", "givenname", "fname"),
    *("vorname", "vornamen", "rufname", "vor", "prenom", "prenoms", "voornaam", "roepnaam"),
    *("fornavn", "fornamn", "etunimi", "imie", "keresztnev", "utonev", "prenume", "eesnimi"),
    *("vards", "vardas", "имя", "імя", "ονομα", "名"),
}
_LAST = {
    *("last", "family", "surname", "surnames", "lastname", "familyname", "lname"),
    *("nachname", "nachnamen", "familienname", "zuname", "famille", "familia", "apellido"),
    *("apellidos", "cognome", "cognomi", "achternaam", "efternavn", "etternavn", "efternamn"),
    *("sukunimi", "nazwisko", "prijmeni", "priezvisko", "vezeteknev", "csaladnev", "soyad"),
    *("soyadi", "sobrenome", "apelido", "perekonnanimi", "uzvards", "pavarde", "prezime"),
    *("фамилия", "прізвище", "επωνυμο", "姓", "苗字", "성"),
}
# These need a second word: `first name`, but `Vorname` alone.
_ADJECTIVES = {"first", "given", "last", "family", "famille", "familia", "vor"}
_HALVES = (("first", "given"), ("last", "family"))
# Alone, these are full names. With a column of first names, they are last names, and vice versa.
_NAME = {
    *("name", "names", "nom", "nombre", "nombres", "nome", "naam", "namn", "navn", "nimi"),
    *("nume", "jmeno", "meno", "nev", "ad", "adi", "isim", "nimed", "ime", "имя", "імя", "ονομα"),
}
_PERSON = {
    *("student", "trainee", "participant", "attendee", "learner", "person", "employee"),
    *("teilnehmer", "teilnehmende", "teilnehmender", "teilnehmername"),
    *("teilnehmers", "teilnehmerin", "schuler", "schulerin", "schulers"),
    *("mitarbeiter", "mitarbeiterin", "etudiant", "etudiante", "eleve", "stagiaire", "apprenant"),
    *("participante", "participantes", "estudiante", "alumno", "alumna", "aluno", "aluna"),
    *("partecipante", "partecipanti", "studente", "studentessa", "deelnemer", "cursist"),
    *("deltager", "deltagare", "osallistuja", "uczestnik", "ucastnik", "resztvevo", "katilimci"),
    *("участник", "участника", "учасник"),
}
_FULL = {
    *("full", "complete", "fullname", "vollstandig", "vollstandiger", "ganzer", "voller"),
    *("complet", "complets", "completo", "completos", "volledige", "fullt", "fullstendig"),
    *("cele", "teljes", "pelne", "tam", "полное", "повне"),
}
_SHOWN = {
    *("display", "displayname", "displayed", "preferred", "original", "anzeigename", "affiche"),
    *("daffichage", "visualizzato", "weergavenaam", "mostrar", "exibicao"),
}
_BESIDE_IT = {
    *("your", "and", "the", "s", "of", "for", "in", "on", "as", "is", "what", "whats", "my", "a"),
    *("please", "enter", "type", "write", "our", "badge", "certificate", "legal", "official"),
    *("der", "die", "das", "des", "dein", "deine", "ihr", "ihre", "mein", "und", "bitte", "in"),
    *("de", "du", "la", "le", "les", "et", "votre", "ton", "quel", "est", "l", "y", "e", "i", "o"),
    *(
        "el",
        "tu",
        "su",
        "cual",
        "es",
        "del",
        "della",
        "il",
        "tuo",
        "suo",
        "qual",
        "seu",
        "da",
        "do",
    ),
    *("en", "van", "je", "jouw", "uw", "wat", "och", "og", "ja", "ditt", "dit", "primer", "primo"),
}
_PHRASES = {
    *(
        "фио",
        "пиб",
        "氏名",
        "姓名",
        "이름",
        "성명",
        "名前",
        "お名前",
        "名字",
        "ονοματεπωνυμο",
        "الاسم",
        "שם",
    ),
    *("wie_heisst_du", "wie_heissen_sie", "como_te_llamas", "comment_tu_tappelles", "adsoyad"),
    *("comment_tappelles_tu", "comment_vous_appelez_vous", "hoe_heet_je", "who_are_you"),
}
_PHRASES_PLAIN = frozenset(plain(phrase) for phrase in _PHRASES)


def kind_of(column: str) -> Kind:
    """What kind of name a column contains, from its own name."""
    written = plain(column)
    words = set(written.split("_"))
    if written == "trainee_name" or written in _PHRASES_PLAIN:
        return "full"
    first, last = words & _FIRST, words & _LAST
    beside = words - _FIRST - _LAST
    nouns = words & _NAME
    if not beside <= _NAME | _PERSON | _FULL | _SHOWN | _BESIDE_IT | {"segundo", "second"}:
        return ""
    if first and last:
        return "full"
    if nouns == words and len(words) == 1:  # `имя` alone can be both
        return "name"
    part = first or last
    if part:
        is_whole = nouns - part and not part <= _ADJECTIVES
        is_phrase = nouns or words & _PERSON or not part <= _ADJECTIVES
        if is_whole:
            return "full"  # `Name, Vorname`
        if not is_phrase:
            return ""
        return "first" if first else "second last" if words & {"segundo", "second"} else "last"
    if words & {"segundo", "second"} or not (nouns or words & _PERSON or "fullname" in words):
        return "shown" if words & _SHOWN - {"display", "displayed", "original", "preferred"} else ""
    if words & _SHOWN:
        return "shown"
    return "full" if words & (_FULL | _PERSON) else "name"


def is_full_name(column: str) -> bool:
    """Whether a column's name suggests that it has people's whole names."""
    return kind_of(column) in ("full", "shown", "name")


def candidates(columns: Sequence[str]) -> list[tuple[int, ...]]:
    """The ways in which columns can make up a name, with the likeliest first, as indexes.

    A way with two or three columns has the first name in the first of them.
    """
    kinds = [kind_of(column) for column in columns]

    def all_of(kind: Kind) -> list[int]:
        return [index for index, found in enumerate(kinds) if found == kind]

    first, last, name = all_of("first")[:1], all_of("last")[:1], all_of("name")
    if not first and not last:  # `First` and `Last`, which say little apart
        words = [plain(column) for column in columns]
        halves = [[words.index(one) for one in two if one in words] for two in _HALVES]
        first, last = halves if all(halves) else ([], [])
    ours = [(index,) for index, column in enumerate(columns) if column == "trainee_name"]
    ways: list[tuple[int, ...]] = [*ours, *((index,) for index in all_of("full"))]
    if first and last:
        ways.append((*first, *last, *all_of("second last")[:1]))
    ways += [(index,) for index in all_of("shown")]
    if first and not last:
        ways += [(*first, index) for index in name]
    elif last and not first:
        ways += [(index, *last, *all_of("second last")[:1]) for index in name]
    ways += [(index,) for index in name]
    return list(dict.fromkeys(ways))
