"""The secret scanner: what it finds, what it leaves alone, and that it never shows what it found.

The planted secrets are put together here from halves, so that the scanner does not find them in this file.
"""

import random
import string
from pathlib import Path

import pytest

from checks.secret_scan import check_secrets, find_secrets
from checks.tree import Tree

BASE62 = string.ascii_letters + string.digits


def draw(length: int, alphabet: str = BASE62, seed: int = 1) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


PLANTED = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a private key without an algorithm": "-----BEGIN " + "PRIVATE KEY-----",
    "an SSH key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "a PGP key": "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----",
    "an AWS access key": "AKIA" + draw(16, string.ascii_uppercase + string.digits),
    "an AWS session key": "ASIA" + draw(16, string.ascii_uppercase + string.digits),
    "a GitHub token": "ghp_" + draw(36),
    "a fine-grained GitHub token": "github_pat_" + draw(82),
    "a GitLab token": "glpat-" + draw(20),
    "a Slack bot's token": "xoxb-" + "123456789012-" + draw(24),
    "a Slack webhook": "https://hooks.slack.com" + "/services/T01ABCDEF/B01ABCDEF/" + draw(24),
    "a Google API key": "AIza" + draw(35),
    "a Google access token": "ya29." + draw(60),
    "a Stripe key": "sk_live_" + draw(24),
    "a Stripe webhook secret": "whsec_" + draw(32),
    "a JSON web token": "eyJ" + draw(20) + ".eyJ" + draw(40) + "." + draw(43),
    "an OpenAI key": "sk-proj-" + draw(48),
    "an Anthropic key": "sk-ant-api03-" + draw(80),
    "a Hugging Face token": "hf_" + draw(34),
    "an npm token": "npm_" + draw(36),
    "a PyPI token": "pypi-AgEI" + draw(60),
    "a SendGrid key": "SG." + draw(22) + "." + draw(43),
    "a Telegram bot's token": "123456789" + ":AA" + draw(33),
    "a password in an address": "postgres://admin:" + draw(12) + "@db.example/shop",
    "an AWS secret key": "aws_secret_access_key = " + draw(40, BASE62 + "/+"),
    "a password in YAML": "  password: " + draw(24),
    "a token in JSON": '{"api_token": "' + draw(32) + '"}',
    "a hexadecimal secret": "CLIENT_SECRET=" + draw(40, "0123456789abcdef"),
    "a client key of a kubeconfig": "    client-key-data: " + draw(200, BASE62 + "/+"),
    "a Go constant": 'apiKey := "' + draw(32) + '"',
}

HARMLESS = {
    "a digest of an image": "image: nodes/http@sha256:" + draw(64, "0123456789abcdef"),
    "a hash of a lock file": "    --hash=sha256:" + draw(64, "0123456789abcdef"),
    "a sum of a Go module": "github.com/golang-jwt/jwt/v5 v5.2.1 h1:" + draw(43, BASE62 + "/+") + "=",
    "a uid": "uid: 5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11",
    "a commit": "commit 9b1de77c02aa41d5f6f0aee1bd1c8a1c65f0d3b7",
    "the example key of AWS": "AKIA" + "IOSFODNN7EXAMPLE",
    "a drawn key": "sk-" + "x" * 40,
    "a drawn token": "ghp_" + "x" * 36,
    "a name of a Secret": "secretName: headgate-operator-credentials",
    "a field of Kubernetes": "automountServiceAccountToken: automountServiceAccountToken",
    "a call": "token = service_account_token_for_executor_pods(namespace)",
    "an attribute": "password = settings.credentials.postgres.password",
    "a variable": "password: ${vars.database_password_of_staging}",
    "an address with a variable": "postgres://admin:$(PASSWORD_OF_ADMIN)@db.example/shop",
    "an address with a user only": "https://admin@shop.example/orders",
    "a class of a page": "sk-folding-cube-container-with-shadow",
    "a placeholder": "api_key: CHANGEME-1a2B3c4D5e6F7g8H9i0J",
    "a public key": "-----BEGIN PUBLIC KEY-----",
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED.keys())
def test_it_finds(text: str) -> None:
    assert len(list(find_secrets(f"before\n{text}\nafter"))) == 1


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS.keys())
def test_it_leaves_alone(text: str) -> None:
    assert list(find_secrets(text)) == []


@pytest.mark.parametrize("alphabet", ["0123456789abcdef", BASE62, BASE62 + "+/"], ids=["hex", "base62", "base64"])
def test_random_values_of_any_alphabet_are_found_nearly_always(alphabet: str) -> None:
    values = [draw(32, alphabet, seed) for seed in range(500)]
    assert sum(bool(list(find_secrets(f"token: {value}"))) for value in values) >= 490


def test_a_finding_says_where_and_does_not_show_the_secret(tree: Tree) -> None:
    (tree.root / "deploy.yaml").write_text("kind: Secret\npassword: " + draw(24) + "\n")
    (finding,) = check_secrets(tree)
    assert finding.where == "deploy.yaml:2"
    assert draw(24) not in str(finding)
    assert "revoke it" in finding.remedy


def test_what_is_let_through_is_not_told(tree: Tree) -> None:
    line = "password: " + draw(24)
    (tree.root / "deploy.yaml").write_text(line)
    (secret,) = find_secrets(line)
    allow(tree.root, "deploy.yaml", secret.fingerprint)
    assert check_secrets(tree) == []


def test_another_secret_in_the_same_file_is_still_told(tree: Tree) -> None:
    line = "password: " + draw(24)
    (tree.root / "deploy.yaml").write_text(f"{line}\npassword: {draw(24, seed=2)}")
    (secret,) = find_secrets(line)
    allow(tree.root, "deploy.yaml", secret.fingerprint)
    (finding,) = check_secrets(tree)
    assert finding.where == "deploy.yaml:2"


def test_an_entry_that_nothing_needs_any_more_is_refused(tree: Tree) -> None:
    allow(tree.root, "gone.yaml", "0123456789abcdef")
    (finding,) = check_secrets(tree)
    assert "nothing needs the entry gone.yaml" in finding.what


def allow(root: Path, file: str, fingerprint: str) -> None:
    entry = f'[[secret]]\nfile = "{file}"\nfingerprint = "{fingerprint}"\nreason = "made up for a test"\n'
    (root / ".ci/checks/exceptions.toml").write_text(entry)
