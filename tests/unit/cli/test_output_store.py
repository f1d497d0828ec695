"""Large outputs: how a store is found and its addresses are signed, and what is said where that does not work."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headgate.cli.cluster.session import StoppedError
from headgate.cli.cluster.signing import Keys, Request, sign
from headgate.cli.cluster.store import Repository, parse_repository
from headgate.lifecycle import entries
from headgate_lang import documents
from headgate_lang.report import Entry, Phase
from support.fake_api import FakeApi
from unit.cli.conftest import Command
from unit.cli.test_run_commands import put_run

CONFIG = """
s3:
  endpoint: s3.argo.svc.cluster.local:9000
  bucket: argo
  insecure: true
  accessKeySecret: {name: headgate-s3, key: accessKey}
  secretKeySecret: {name: headgate-s3, key: secretKey}
"""


def test_the_signature_is_the_one_that_amazon_documents() -> None:
    """Example: Presigned URL, "Authenticating Requests: Using Query Parameters" of the S3 API reference."""
    keys = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    moment = datetime(2013, 5, 24, tzinfo=UTC)
    signed = sign(Request("examplebucket.s3.amazonaws.com", "/test.txt"), keys, moment, 86400)
    assert signed["X-Amz-Signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


def test_argos_configuration_says_where_the_store_is() -> None:
    assert parse_repository(CONFIG) == Repository(
        "s3.argo.svc.cluster.local:9000",
        "argo",
        insecure=True,
        region="us-east-1",
        access=("headgate-s3", "accessKey"),
        secret=("headgate-s3", "secretKey"),
    )


@pytest.mark.parametrize("text", ["gcs: {bucket: a}", "[", "s3: {bucket: a, endpoint: b, useSDKCreds: true}", "1"])
def test_a_store_that_it_cannot_read_is_told(text: str) -> None:
    with pytest.raises(StoppedError, match="is no S3 store with keys in a Secret"):
        parse_repository(text)


def put_told(api: FakeApi, told: dict[str, entries.KeptEntry], **texts: Any) -> None:
    held = {"entries": entries.encode(entries.Entries("Succeeded", told))}
    held.update((key, documents.encode(value)) for key, value in texts.items())
    labels = {"headgate.dev/run-uid": "5f0c2a9e", "headgate.dev/leg": "1"}
    data = {key: base64.b64encode(text.encode()).decode() for key, text in held.items()}
    api.put("secrets", {"metadata": {"name": "nightly-1-1-kept", "namespace": "docs", "labels": labels}, "data": data})


GOOD = Entry(Phase.SUCCEEDED)


def test_a_loop_tells_its_outputs_and_what_failed_beside_them(api: FakeApi, command: Command) -> None:
    put_run(api, status={"phase": "Succeeded", "nodes": {"a": {"phase": "Succeeded"}}})
    bad = Entry(Phase.FAILED, "HttpStatus", "404", attempts=2, item="x")
    told = {
        "a[0]": entries.KeptEntry(GOOD, "o0"),
        "a[1]": entries.KeptEntry(bad),
        "a[2]": entries.KeptEntry(GOOD, "o0"),
    }
    put_told(api, told, o0={"0": {"n": 0}, "2": {"n": 2}})
    assert json.loads(command("output", "nightly-1", "a").out) == {
        "outputs": [{"n": 0}, {"n": 2}],
        "failed": [
            {"index": 1, "item": "x", "error": {"reason": "HttpStatus", "message": "404", "attempts": 2}},
        ],
    }


def test_a_loop_over_workflows_is_read_from_its_children(api: FakeApi, command: Command) -> None:
    items = {"total": 2, "succeeded": 1, "failed": 1}
    put_run(api, status={"phase": "Succeeded", "nodes": {"texts": {"phase": "Succeeded", "items": items}}})
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Run", "spec": {"workflow": "text"}}
    labels = {"headgate.dev/parent": "nightly-1", "headgate.dev/node": "texts"}
    ends = [{"phase": "Succeeded", "outputs": {"text": "de"}}, {"phase": "Cancelled", "message": "no verb"}]
    for index, status in enumerate(ends):
        metadata = {"name": f"nightly-1-texts-{index}", "namespace": "docs", "uid": f"c{index}", "labels": labels}
        api.put("headgate.dev/runs", {**head, "metadata": metadata, "status": status})
    found = json.loads(command("output", "nightly-1", "texts").out)
    assert found["outputs"] == [{"text": "de"}]
    assert found["failed"][0]["error"]["message"] == "nightly-1-texts-1: no verb"


def test_bytes_are_written_as_they_are(api: FakeApi, command: Command, tmp_path: Path) -> None:
    content = bytes(range(256))
    put_run(api, status={"phase": "Succeeded", "nodes": {"a": {"phase": "Succeeded"}}})
    put_told(api, {"a": entries.KeptEntry(GOOD, "o0")}, o0={"pdf": base64.b64encode(content).decode(), "text": "no!"})
    file = tmp_path / "page.pdf"
    assert command("output", "nightly-1", "a", "--raw", "pdf", "--bytes", "-o", str(file)).code == 0
    assert file.read_bytes() == content
    ran = command("output", "nightly-1", "a", "--raw", "text", "--bytes", "-o", str(file))
    assert ran.err == "headgate output: text is no base64, as nodes write bytes\n"
    ran = command("output", "nightly-1", "a", "--bytes")
    assert (ran.code, ran.err) == (2, "headgate output: --bytes is about one field: say which with --raw FIELD\n")


def test_what_was_too_large_to_be_kept_is_not_looked_for_in_a_store(api: FakeApi, command: Command) -> None:
    put_run(api, status={"phase": "Succeeded", "nodes": {"a": {"phase": "Succeeded"}}})
    put_told(api, {"a": entries.KeptEntry(Entry(Phase.SUCCEEDED, size=256_011, is_kept=False))})
    ran = command("output", "nightly-1", "a")
    assert ran.code == 1
    assert ran.err.startswith("headgate output: the output had 256,011 bytes, too many to be kept")


def put_large(api: FakeApi) -> None:
    put_run(api, status={"phase": "Succeeded", "nodes": {"a": {"phase": "Succeeded"}}})
    put_told(api, {"a": entries.KeptEntry(GOOD, store="headgate/5f0c2a9e/1/n0/o0")})


def test_where_argo_stands_elsewhere_the_flag_is_named(api: FakeApi, command: Command) -> None:
    put_large(api)
    told = "there is no ConfigMap workflow-controller-configmap in argo: say --argo-namespace"
    assert command("output", "nightly-1", "a").err == f"headgate output: {told}\n"


def test_without_the_stores_keys_the_secret_is_named(api: FakeApi, command: Command) -> None:
    put_large(api)
    metadata = {"name": "workflow-controller-configmap", "namespace": "argo"}
    api.put("configmaps", {"metadata": metadata, "data": {"artifactRepository": CONFIG}})
    told = "Secret headgate-s3 in docs has no accessKey, which opens the store"
    assert command("output", "nightly-1", "a").err == f"headgate output: {told}\n"
