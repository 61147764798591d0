"""Names and numbers as people have them and as people write them: what matches, and what must not.

Shapes of names after W3C, "Personal names around the world": particles, two family names, one
name, patronyms, suffixes, letters with a stroke, apostrophes that are letters, other scripts. All
are made up.
"""
# ruff: noqa: RUF001 - signs that look alike are what this is about

import unicodedata
from itertools import chain

from chalicelib.domain.identification import (
    Ssn,
    billing_account,
    enrollment_id,
    same_name,
)

# As on the application, and how its owner writes it where there is only A to Z.
LAST_NAMES = dict(
    line.split(" | ")
    for line in """
Núñez Peña | Nunez Pena
García y Vega | Garcia y Vega
de la Cruz | de la Cruz
O’Brien | O'Brien
Ó Súilleabháin | O Suilleabhain
Nic Giolla Phádraig | Nic Giolla Phadraig
MacÀidh | MacAidh
D’Angelo | D'Angelo
Dell’Acqua | Dell'Acqua
van der Berg | van der Berg
’t Hooft | 't Hooft
von Bülow-Möller | von Bulow-Moller
Groß | Gross
Þórsdóttir | Thorsdottir
Guðmundsson | Gudmundsson
Ærøskøbing | Aeroskobing
Ångström | Angstrom
Sørensen | Sorensen
Mäkelä | Makela
Łukaszewicz | Lukaszewicz
Wójcik-Żak | Wojcik-Zak
Đặng | Dang
Nguyễn Phước | Nguyen Phuoc
Trần Lệ | Tran Le
Yılmaz | Yilmaz
Çağlar | Caglar
İnönü | Inonu
Șerban | Serban
Țepeș | Tepes
Dvořáková | Dvorakova
Šimić | Simic
Đorđević | Dordevic
Kovács | Kovacs
Tőkés | Tokes
Ħaddiem | Haddiem
Ŋaba | Naba
Kaʻahumanu | Ka'ahumanu
Nāmakaʻeha | Namaka'eha
Māhealani | Mahealani
ʿAbd al-Raʾūf | 'Abd al-Ra'uf
al-Ḥusaynī | al-Husayni
Ben-ʿAmi | Ben-'Ami
Conceição dos Santos | Conceicao dos Santos
Simões | Simoes
Lefèvre-d’Ormesson | Lefevre-d'Ormesson
Œuvray | Oeuvray
Le Goff | Le Goff
St. John | St John
St-Pierre | St Pierre
King Jr. | King Jr
Okonkwo III | Okonkwo III
Mbeki | Mbeki
N’Diaye | N'Diaye
Sukarno | Sukarno
Võ | Vo
Jiménez-O’Neill | Jimenez-O'Neill
Žižek | Zizek
Ōe | Oe
Ko‘olau | Ko'olau
Hagström Wåhlin | Hagstrom Wahlin
""".strip().splitlines()
)
# Nobody writes these in A to Z here: they match as themselves only.
OTHER_SCRIPTS = ["王小明", "Иванова", "Παπαδόπουλος", "محمود", "김민준", "שפירא", "ទេព"]
FIRST_NAMES = ["María José", "Jean-Luc", "Robert", "Anne Marie", "Nguyễn Thị", "D'Andre"]


def written(name, plain):
    """One name as people and portals write it."""
    yield plain
    yield plain.upper()
    yield plain.lower()
    yield name.upper()
    yield unicodedata.normalize("NFD", name)
    yield f"  {name} ".replace(" ", "\u00a0")
    yield name.replace("’", "'").replace("-", " ")
    yield plain.replace(" ", "").replace("-", "").replace("'", "")
    yield "\u200b".join(name)


def others(name):
    """Names that are not this one, however near."""
    yield name[0]
    yield f"{name[0]}."
    yield f"{name} Sr"
    yield f"{name}{name[-1]}x"
    yield name.lstrip("’ʿ")[1:]
    yield f"{name.rstrip('.')[:-1]}q"
    yield ""


MATCHING = [(name, each) for name, plain in LAST_NAMES.items() for each in written(name, plain)]
MATCHING += [(name, unicodedata.normalize("NFD", name)) for name in OTHER_SCRIPTS]
APART = [
    (name, other)
    for name in chain(LAST_NAMES, OTHER_SCRIPTS)
    for other in others(name)
    if len(name) > 2 or other not in (name[0], f"{name[0]}.")
]
APART += [("María José", "María"), ("Jean-Luc", "Jean"), ("Robert", "Bob"), ("Anne Marie", "Ann")]
APART += list(zip(LAST_NAMES, [*list(LAST_NAMES)[1:], "Smith"], strict=True))


def test_rule_54_three_hundred_ways_to_write_a_name_match():
    assert len(set(MATCHING)) >= 300
    missed = [(kept, typed) for kept, typed in MATCHING if same_name(kept) != same_name(typed)]
    assert missed == []


def test_rules_08_and_54_three_hundred_other_names_do_not():
    assert len(set(APART)) >= 300
    taken = [(kept, typed) for kept, typed in APART if same_name(kept) == same_name(typed)]
    assert taken == []


# What is read, the number, and how people write it.
NUMBERS = {
    enrollment_id: ("EN12AB34", ["en12ab34", "EN 12 AB 34", "EN-12-AB-34", "RefID: EN12AB34"]),
    Ssn.parse: (
        Ssn("412815678"),
        ["412815678", "412-81-5678", "412 81 5678", "412\u201381\u20135678"],
    ),
    billing_account: ("712345678", ["712345678", "712-345-678", " 712 345 678 ", "712.345.678"]),
}


def test_rule_54_numbers_are_read_however_they_are_grouped():
    for read, (number, spellings) in NUMBERS.items():
        assert [read(each) for each in spellings] == [number] * len(spellings)
