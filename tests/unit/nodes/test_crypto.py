"""`encrypt`, `decrypt`, `sign`, `verify`: Debian's openssl as oracle, and no way around the key."""

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.decrypt import run as decrypt_node
from headgate_core.encrypt import run as encrypt_node
from headgate_core.sign import run as sign_node
from headgate_node import Credential
from support.node_calls import fail, give, key

KEY = (bytes([7]) * 32).hex()
CIPHERS = ["aes-256-gcm", "chacha20-poly1305"]
NIST_KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
RFC8032_KEY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"


def pem(what: str, body: str) -> str:
    return f"-----BEGIN {what}-----\n{body}\n-----END {what}-----\n"


def openssl(*arguments: str, given: bytes = b"", at: Path | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, cwd=at).stdout


def seal(text: str, **given: str) -> bytes:
    return base64.b64decode(give("encrypt", credential="it", text=text, credentials=key(KEY), **given)["base64"])


@pytest.mark.parametrize("cipher", CIPHERS)
def test_the_ciphertext_is_the_one_that_openssl_computes(cipher: str) -> None:
    """Both are a stream that openssl's command knows, behind a block that it does not."""
    sealed = seal("a text of some length, longer than a block", cipher=cipher)
    nonce = sealed[:12].hex()
    stream = ("-aes-256-ctr", f"{nonce}00000002") if cipher == "aes-256-gcm" else ("-chacha20", f"01000000{nonce}")
    plain = openssl("enc", "-d", stream[0], "-K", KEY, "-iv", stream[1], given=sealed[12:-16])
    assert plain == b"a text of some length, longer than a block"


def test_the_vector_of_nist_is_decrypted() -> None:
    plain = (
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    )
    sealed = (
        "cafebabefacedbaddecaf888"
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
        "b094dac5d93471bdec1a502270e3cc6c"
    )
    given = {"credential": "it", "base64": base64.b64encode(bytes.fromhex(sealed)).decode(), "to": "hex"}
    assert give("decrypt", given, credentials=key(NIST_KEY)) == {"text": plain}


@pytest.mark.parametrize("cipher", CIPHERS)
@given(data=st.binary(max_size=100), words=st.text(max_size=20))
def test_what_was_encrypted_is_decrypted_and_never_looks_the_same_twice(cipher: str, data: bytes, words: str) -> None:
    given = {"credential": "it", "text": data.hex(), "from": "hex", "boundTo": words, "cipher": cipher}
    first, second = (give("encrypt", given, credentials=key(KEY))["base64"] for _ in range(2))
    assert first != second
    for sealed in (first, second):
        back = {"credential": "it", "base64": sealed, "boundTo": words, "cipher": cipher, "to": "hex"}
        assert give("decrypt", back, credentials=key(KEY)) == {"text": data.hex()}


@pytest.mark.parametrize("cipher", CIPHERS)
@given(place=st.integers(0, 33), bit=st.integers(0, 7))
def test_every_change_is_noticed(cipher: str, place: int, bit: int) -> None:
    sealed = bytearray(seal("secret", cipher=cipher))
    sealed[place] ^= 1 << bit
    changed = base64.b64encode(sealed).decode()
    error = fail("decrypt", credential="it", base64=changed, cipher=cipher, credentials=key(KEY))
    assert error.reason == "NotAuthentic"


@pytest.mark.parametrize("other", [{"boundTo": "b"}, {"boundTo": ""}, {"boundTo": "a", "cipher": "chacha20-poly1305"}])
def test_it_opens_only_with_the_same_words_and_the_same_cipher(other: dict[str, str]) -> None:
    sealed = base64.b64encode(seal("secret", boundTo="a")).decode()
    assert fail("decrypt", other, credential="it", base64=sealed, credentials=key(KEY)).reason == "NotAuthentic"


def test_a_key_may_be_in_hexadecimal_digits_or_base64() -> None:
    sealed = base64.b64encode(seal("secret")).decode()
    same = key(base64.b64encode(bytes.fromhex(KEY)).decode() + "\n")
    assert give("decrypt", credential="it", base64=sealed, credentials=same) == {"text": "secret"}


@pytest.mark.parametrize("wrong", ["password", KEY[:-2], KEY + "00", "zz" * 32, "é" * 64])
def test_a_key_of_another_length_is_told_without_showing_it(wrong: str) -> None:
    error = fail("encrypt", credential="it", text="a", credentials=key(wrong))
    assert error.reason == "InvalidCredential"
    assert "make one by `openssl rand -base64 32`" in error.message
    assert wrong not in error.message


def test_what_is_too_short_to_be_encrypted_is_told() -> None:
    error = fail("decrypt", credential="it", base64="AAAA", credentials=key(KEY))
    assert "3 bytes are too few: nonce and tag alone are 28" in error.message


KINDS = {
    "ed25519": ("ed25519",),
    "rsa-pss-sha256": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "rsa-pkcs1-sha256": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "ecdsa-p256-sha256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
}
HOW = {
    "ed25519": ("-rawin",),
    "rsa-pss-sha256": (
        "-rawin",
        "-digest",
        "sha256",
        "-pkeyopt",
        "rsa_padding_mode:pss",
        "-pkeyopt",
        "rsa_pss_saltlen:32",
    ),
    "rsa-pkcs1-sha256": ("-rawin", "-digest", "sha256"),
    "ecdsa-p256-sha256": ("-rawin", "-digest", "sha256"),
}


@pytest.mark.parametrize("algorithm", KINDS)
def test_openssl_and_we_take_each_others_signatures(algorithm: str, tmp_path: Path) -> None:
    openssl("genpkey", "-algorithm", *KINDS[algorithm], "-out", "key", at=tmp_path)
    public = (
        openssl("pkey", "-in", "key", "-pubout", "-out", "public", at=tmp_path) or (tmp_path / "public").read_bytes()
    )
    message = b"headgate \xff"
    (tmp_path / "message").write_bytes(message)
    given = {"text": message.hex(), "from": "hex", "algorithm": algorithm}
    credentials = {"it": Credential("signingKey", {"privateKey": (tmp_path / "key").read_text()})}

    ours = give("sign", given, credential="it", credentials=credentials)["base64"]
    (tmp_path / "ours").write_bytes(base64.b64decode(ours))
    check = ("pkeyutl", "-verify", "-pubin", "-inkey", "public", "-sigfile", "ours", "-in", "message")
    assert b"Success" in openssl(*check, *HOW[algorithm], at=tmp_path)

    theirs = openssl("pkeyutl", "-sign", "-inkey", "key", "-in", "message", *HOW[algorithm], at=tmp_path)
    for signature, valid in ((theirs, True), (theirs[:-1] + bytes([theirs[-1] ^ 1]), False), (b"", False)):
        signed = {"publicKey": public.decode(), "signature": base64.b64encode(signature).decode()}
        assert give("verify", given, **signed) == {"valid": valid}


@pytest.mark.parametrize(
    ("kind", "algorithm", "reason"),
    [
        (("RSA", "-pkeyopt", "rsa_keygen_bits:1024"), "rsa-pss-sha256", "WeakKey"),
        (("EC", "-pkeyopt", "ec_paramgen_curve:P-384"), "ecdsa-p256-sha256", "WrongKey"),
        (("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), "ed25519", "WrongKey"),
        (("X25519",), "ed25519", "WrongKey"),
    ],
)
def test_a_key_must_be_one_for_the_algorithm(kind: tuple[str, ...], algorithm: str, reason: str) -> None:
    credentials = {"it": Credential("signingKey", {"privateKey": openssl("genpkey", "-algorithm", *kind).decode()})}
    assert fail("sign", credential="it", text="a", algorithm=algorithm, credentials=credentials).reason == reason


def test_a_locked_key_needs_its_password() -> None:
    locked = openssl("genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:open sesame").decode()

    def credentials(**more: str) -> dict[str, Credential]:
        return {"it": Credential("signingKey", {"privateKey": locked, **more})}

    assert give("sign", credential="it", text="a", credentials=credentials(password="open sesame"))["base64"]
    for wrong in (credentials(), credentials(password="other")):
        assert fail("sign", credential="it", text="a", credentials=wrong).reason == "InvalidCredential"


@pytest.mark.parametrize("text", ["", "nonsense", pem("PUBLIC KEY", "AAAA"), pem("PRIVATE KEY", RFC8032_KEY)])
def test_what_is_no_public_key_is_told(text: str) -> None:
    error = fail("verify", publicKey=text, text="a", signature="AAAA")
    assert error.message.startswith("publicKey: this is no public key in PEM")


def test_the_examples_with_a_credential_hold() -> None:
    release = Credential("signingKey", {"privateKey": pem("PRIVATE KEY", RFC8032_KEY)})
    credentials = {"vault": key(KEY)["it"], "release": release}
    for node in (decrypt_node, sign_node):
        for example in node.examples:
            given = dict(example.with_)
            if example.fails:
                assert fail(node.name, given, credentials=credentials).reason == example.fails
            else:
                assert give(node.name, given, credentials=credentials) == example.output
    for example in encrypt_node.examples:
        given = dict(example.with_)
        back = {name: given[name] for name in given.keys() - {"text", "from"}} | {"to": given.get("from", "text")}
        assert give("decrypt", back, **(example.output or {}), credentials=credentials) == {"text": given["text"]}
