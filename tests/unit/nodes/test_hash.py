"""`hash`, `hmac`, `hmac-verify`: the same digests as Debian's openssl, and no answer for whoever lacks the key."""

import base64
import subprocess
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.hash_ import run as hash_node
from headgate_core.hmac_ import run as hmac_node
from headgate_core.hmac_verify import run as hmac_verify_node
from support.node_calls import fail, give, key

OPENSSL = {
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha3-224": "sha3-224",
    "sha3-256": "sha3-256",
    "sha3-384": "sha3-384",
    "sha3-512": "sha3-512",
    "blake2b": "blake2b512",
    "blake2s": "blake2s256",
    "sha1": "sha1",
    "md5": "md5",
}
SAMPLE = bytes(range(256)) * 3


def openssl(*arguments: str, given: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


@pytest.mark.parametrize("algorithm", OPENSSL)
def test_a_digest_is_the_one_that_openssl_computes(algorithm: str) -> None:
    expected = openssl("dgst", f"-{OPENSSL[algorithm]}", "-binary", given=SAMPLE)
    given = {"text": SAMPLE.hex(), "from": "hex", "algorithm": algorithm}
    assert give("hash", given) == {"hex": expected.hex(), "base64": base64.b64encode(expected).decode()}


@given(data=st.binary(max_size=100))
def test_a_crc_has_eight_digits(data: bytes) -> None:
    assert give("hash", {"text": data.hex(), "from": "hex", "algorithm": "crc32"})["hex"] == f"{zlib.crc32(data):08x}"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "sha1"])
def test_a_signature_is_the_one_that_openssl_computes(algorithm: str) -> None:
    expected = openssl("dgst", f"-{algorithm}", "-hmac", "a key", "-binary", given=SAMPLE)
    given = {"credential": "it", "text": SAMPLE.hex(), "from": "hex", "algorithm": algorithm}
    assert give("hmac", given, credentials=key("a key"))["hex"] == expected.hex()
    for written in (expected.hex(), expected.hex().upper(), base64.b64encode(expected).decode()):
        for signature in (written, f"{algorithm}={written}"):
            assert give("hmac-verify", given, signature=signature, credentials=key("a key")) == {"valid": True}
            assert give("hmac-verify", given, signature=signature, credentials=key("b key")) == {"valid": False}


@given(data=st.binary(max_size=50), place=st.integers(0, 31), bit=st.integers(0, 7))
def test_one_wrong_bit_is_not_valid(data: bytes, place: int, bit: int) -> None:
    given = {"credential": "it", "text": data.hex(), "from": "hex"}
    signature = bytearray.fromhex(give("hmac", given, credentials=key("k"))["hex"])
    signature[place] ^= 1 << bit
    assert give("hmac-verify", given, signature=signature.hex(), credentials=key("k")) == {"valid": False}


@pytest.mark.parametrize("signature", ["", "nonsense", "sha1=00", "é" * 32, "0" * 63, "zz" * 32])
def test_what_is_no_signature_at_all_is_not_valid(signature: str) -> None:
    given = {"credential": "it", "text": "a", "signature": signature}
    assert give("hmac-verify", given, credentials=key("k")) == {"valid": False}


def test_a_credential_without_a_key_says_which_value_it_lacks() -> None:
    error = fail("hmac", credential="it", text="a", credentials=key(""))
    assert (error.reason, error.message) == ("InvalidCredential", "credential 'it' has no value `key`: give it one")


def test_the_examples_with_a_credential_hold() -> None:
    credentials = {"webhook": key("key")["it"]}
    for node in (hash_node, hmac_node, hmac_verify_node):
        for example in node.examples:
            assert give(node.name, dict(example.with_), credentials=credentials) == example.output
