"""Where a Social Security or account number may be looked at, and by whom (rule 33)."""

import ast

from tests.architecture.sources import imported, modules, name, tree

# A hash without a key is no secret: all nine-digit numbers can be tried in a minute.
HASHES_WITHOUT_KEY = {
    "chalicelib/adapters/bank_line.py": "the digest of a sent file, against its manifest",
    "chalicelib/services/reconciliation/reading.py": "the digest of a sealed file, read again",
    "chalicelib/domain/ach/writer.py": "the digest of a whole file, for its manifest",
    "chalicelib/domain/captcha.py": "the id of a spent token",
    "chalicelib/domain/enrollment.py": "the slot of an enrollment",
    "chalicelib/domain/payment.py": "the payment id of a month's withdrawal",
    "chalicelib/domain/entry.py": "the shard of a submission",
    "chalicelib/repositories/mandates.py": "the shard of a mandate",
    "chalicelib/services/page/submission.py": "the version of the words that were agreed to",
    "chalicelib/entrypoints/answers.py": "the version of a static file",
    "chalicelib/entrypoints/page_request.py": "the id of a journey, of 256 random bits",
    "chalicelib/repositories/outbox.py": "the partition of a message",
}
# Who may read the digits of an Ssn or an AccountNumber.
OPENS_DIGITS = {
    "chalicelib/domain/ach/composing.py": "the bank's file holds it",
    "chalicelib/domain/ach/entries.py": "to check it before the bank does",
    "chalicelib/domain/identification.py": "it is there",
    "chalicelib/domain/payment.py": "it is there",
    "chalicelib/services/returns/original_entries.py": "a return names the account of its entry",
    "chalicelib/services/accounts/validation.py": "to name the account by a keyed digest",
    "chalicelib/services/returns/corrections.py": "to seal the number that the bank corrected",
    "chalicelib/services/returns/correction_desk.py": "to name, keyed, what two people typed",
    "chalicelib/adapters/vault.py": "to make the keyed index inside KMS",
    "chalicelib/entrypoints/forms/find.py": "to compare with the second box",
    "chalicelib/entrypoints/forms/billing.py": "to compare with the second box",
    "chalicelib/services/page/choosing.py": "to seal it",
}
SECRET_WORDS = ("ssn", "digits", "account_number", "sealed_number")


def nodes(kind):
    """Every node of a kind in our modules, with where it stands."""
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, kind):
                yield f"{name(path)}:{node.lineno}", node


def test_only_some_modules_hash_and_each_has_its_reason():
    hashing = {name(path) for path in modules() if "hashlib" in imported(path)}
    assert hashing - HASHES_WITHOUT_KEY.keys() == set()


def test_no_social_security_number_is_ever_hashed_without_a_key():
    hashed = [
        (where, " ".join(ast.unparse(arg) for arg in node.args).lower())
        for where, node in nodes(ast.Call)
        if ast.unparse(node.func).startswith("hashlib.")
    ]
    assert hashed
    assert [each for each in hashed if any(word in each[1] for word in SECRET_WORDS)] == []


def test_only_some_modules_look_at_the_digits_and_each_has_its_reason():
    looks = {where for where, node in nodes(ast.Attribute) if node.attr == "digits"}
    assert [each for each in looks if each.partition(":")[0] not in OPENS_DIGITS] == []


def test_the_lists_of_reasons_name_nobody_who_is_gone():
    names = {name(path) for path in modules()}
    assert names >= HASHES_WITHOUT_KEY.keys() | OPENS_DIGITS.keys()


def test_rule_33_one_function_makes_the_index_of_a_number():
    callers = [w for w, node in nodes(ast.Attribute) if node.attr == "generate_mac"]
    assert [where.partition(":")[0] for where in callers] == ["chalicelib/adapters/vault.py"]


def test_rule_33_nothing_is_printed_and_no_log_line_names_a_secret():
    calls = [(where, ast.unparse(node.func), node) for where, node in nodes(ast.Call)]
    assert [where for where, called, _ in calls if called == "print"] == []
    lines = [
        (where, ast.unparse(node).lower())
        for where, called, node in calls
        if called.startswith("logger.")
    ]
    assert lines
    never = (*SECRET_WORDS, "token", "email", "phone")
    assert [each for each in lines if any(word in each[1] for word in never)] == []
