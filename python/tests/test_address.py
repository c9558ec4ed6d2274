"""Addresses, as the configuration writes them."""

import unittest

from flowrider.address import Address, parse
from flowrider.errors import AddressInvalid


class Addresses(unittest.TestCase):
    def test_forms(self):
        for text, key, want in (
            ("flow.clean", None, Address("clean")),
            ("clean", None, Address("clean")),
            ("a-b_1", None, Address("a-b_1")),
            ('flow.train["forest"]', None, Address("train", "forest")),
            ('train["forest"]', None, Address("train", "forest")),
            ("train", "forest", Address("train", "forest")),
            ("flow.train", "", Address("train", "")),
            ("train", 'any ["key"]', Address("train", 'any ["key"]')),
        ):
            with self.subTest(text):
                self.assertEqual(want, parse(text, key))

    def test_text_and_back(self):
        for key in ("forest", "", 'a"b', "a\\b", "a\nb\tc", "${x}", "%{if}", "$${", "é/ü", "\\n", "]"):
            with self.subTest(key):
                address = Address("train", key)
                self.assertEqual(address, parse(str(address)))

    def test_escapes(self):
        self.assertEqual(Address("t", "é\U0001f600"), parse(r't["\u00e9\U0001F600"]'))

    def test_what_is_none(self):
        plain = ("", "flow.", "flow.a.b", "environment.ml", "1a", "a b", "train[forest]", "train['forest']", 't["a"')
        escapes = (r't["\q"]', 't["${x}"]', r't["\UFFFFFFFF"]')
        for text in plain + escapes:
            with self.subTest(text), self.assertRaises(AddressInvalid):
                parse(text)

    def test_two_keys(self):
        with self.assertRaisesRegex(AddressInvalid, "names an instance already"):
            parse('train["a"]', "b")


if __name__ == "__main__":
    unittest.main()
