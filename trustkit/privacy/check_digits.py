"""Official numbers that are told from other numbers by their check digits: accounts, cards, people.

Each rule is public and short. A number is taken for an official one only if its form and its check digits
agree; a form without check digits counts only as people write it, with its signs between the digits.

References
----------
ISO 13616 (IBAN, modulo 97); ISO/IEC 7812-1 annex B (Luhn); the issuing authorities' rules for the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
"""The check letter of a Spanish number, by its remainder modulo 23."""

HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
"""The check sign of a Finnish number, by its remainder modulo 31."""

ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What the letters A to Z, and the digits 0 to 9, count at the odd places of an Italian fiscal code."""


def is_iban(text: str) -> bool:
    """Return whether a text is the number of a bank account (IBAN), by its check digits.

    Examples
    --------
    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    plain = "".join(text.split())
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1  # noqa: PLR2004  # as ISO 13616 says


def has_luhn(text: str) -> bool:
    """Return whether the digits of a text agree with their last one, as those of payment cards do.

    Examples
    --------
    >>> has_luhn("4111 1111 1111 1111"), has_luhn("4111 1111 1111 1112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(_digits(text))):
        doubled = digit * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)  # noqa: PLR2004  # the sum of its two digits
    return total % 10 == 0


def _is_ssn(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _is_nhs(text: str) -> bool:
    digits = _digits(text)
    return (11 - _weighted(digits, range(10, 1, -1)) % 11) % 11 == digits[9]


def _is_dni(text: str) -> bool:
    plain = text.replace("-", "").replace(" ", "")
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return DNI_LETTERS[int(number) % 23] == plain[-1]


def _is_fiscal_code(text: str) -> bool:
    values = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in text[:15]]
    total = sum(ODD_VALUES[value] if place % 2 == 0 else value for place, value in enumerate(values))
    return chr(ord("A") + total % 26) == text[15]


def _is_nir(text: str) -> bool:
    plain = "".join(text.split())
    number = plain[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(plain[13:])


def _is_tax_id(text: str) -> bool:
    digits = _digits(text)
    rest = 10
    for digit in digits[:10]:
        rest = ((digit + rest) % 10 or 10) * 2 % 11
    repeated = max(digits[:10].count(digit) for digit in set(digits[:10]))
    return digits[0] > 0 and repeated in (2, 3) and (11 - rest) % 10 == digits[10]


def _is_cpf(text: str) -> bool:
    digits = _digits(text)
    first = _weighted(digits, range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(digits, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(digits)) > 1 and digits[9:] == [first, second]


def _is_pesel(text: str) -> bool:
    digits = _digits(text)
    has_date = 1 <= digits[2] % 2 * 10 + digits[3] <= 12 and 1 <= digits[4] * 10 + digits[5] <= 31  # noqa: PLR2004  # months and days
    return has_date and _weighted([*digits[:10], digits[10]], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _is_hetu(text: str) -> bool:
    return HETU_SIGNS[int(text[:6] + text[7:10]) % 31] == text[10]


def _is_belgian(text: str) -> bool:
    digits = "".join(sign for sign in text if sign.isdigit())
    rest = int(digits[9:])
    return rest in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def _digits(text: str) -> list[int]:
    return [int(sign) for sign in text if sign.isdigit()]


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _by_form(_text: str) -> bool:
    return True


OFFICIAL: dict[str, tuple[str, Callable[[str], bool]]] = {
    "card": (r"\d{4}(?: \d{4}){3}|\d{4}(?:-\d{4}){3}|[3-6]\d{15}", has_luhn),
    "us": (r"\d{3}-\d{2}-\d{4}", _is_ssn),
    "gb": (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", _by_form),
    "nhs": (r"\d{3} \d{3} \d{4}", _is_nhs),
    "es": (r"(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-HJ-NP-TV-Z]", _is_dni),
    "it": (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", _is_fiscal_code),
    "fr": (r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", _is_nir),
    "pl": (r"\d{11}", _is_pesel),
    "de": (r"\d{11}|\d{2} \d{3} \d{3} \d{3}", _is_tax_id),
    "br": (r"\d{3}\.\d{3}\.\d{3}-\d{2}", _is_cpf),
    "fi": (r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-+A-F]\d{3}[0-9A-FHJ-NPR-Y]", _is_hetu),
    "se": (r"(?:\d{2})?\d{2}(?:0[1-9]|1[0-2])(?:[0-8]\d|9[01])[-+]\d{4}", lambda text: has_luhn(text[-11:])),
    "be": (r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", _is_belgian),
}
"""Form of an official number, and whether its check digits agree: payment cards, the health service's number
in England, and numbers that states give to people or tax payers, by country."""

FORMS = {name: (re.compile(form), is_right) for name, (form, is_right) in OFFICIAL.items()}


def official_number(text: str) -> bool:
    """Return whether a text is an official number of a person or a card, by its form and its check digits.

    Examples
    --------
    >>> official_number("12345678Z"), official_number("12345678A"), official_number("4111 1111 1111 1111")
    (True, False, True)
    """
    return any(form.fullmatch(text) and is_right(text) for form, is_right in FORMS.values())
