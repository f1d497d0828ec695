"""Why something that people wrote is refused or doubted: one stable word each, and what it means in a line.

Everything that answers with a `Problem` takes its reason from here, and `operator/docs/problems.md` lists them all. Why
a node ended as it did, is `headgate_lang.reasons`.
"""

from enum import StrEnum
from typing import Self


class ProblemReason(StrEnum):
    """The word is the value, and what conditions and kubectl show; `meaning` is for the documentation."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.meaning = meaning
        return reason

    # the form of a document
    WRONG_TYPE = "WrongType", "A field holds another kind of thing than it takes: a text where a number goes."
    NULL_REFUSED = "NullRefused", "`null` stands somewhere; the one nothing is to leave a thing out."

    # documents
    UNKNOWN_KIND = "UnknownKind", "The document is of no kind, or no version, that Headgate has."
    MISSING_FIELD = "MissingField", "A field that must be given, and is not."
    EXCLUSIVE_CHOICE = "ExclusiveChoice", "Two fields of which one must be given; both are, or neither."
    NOBODY_MAY_VOTE = "NobodyMayVote", "A stage of an ApprovalPolicy that names no users and no groups."

    # names
    INVALID_NAME = "InvalidName", "The name would not parse in an expression, in YAML or in Kubernetes."
    DUPLICATE_NAME = "DuplicateName", "Two nodes of a workflow, or two items of a list, have the same name."
    INVALID_USE = "InvalidUse", "`use` is neither a node type (`http`, `http@2`) nor a workflow (`workflow/NAME`)."

    # what expressions read
    UNKNOWN_NODE = "UnknownNode", "An expression or `after` names a node that the workflow does not have."
    UNKNOWN_INPUT = "UnknownInput", "An expression reads an input that the workflow does not declare."
    UNKNOWN_VAR = "UnknownVar", "A constant is read, or set by an environment, that `vars` does not have."
    UNKNOWN_FIELD = "UnknownField", "A field that is not there: of a node's output, of `run`, of an object."
    MAY_BE_ABSENT = "MayBeAbsent", "Something is read as if it were always there, and it may be absent."
    NEVER_RUNS = "NeverRuns", "What a node asks of another can never be true together."
    READS_LOOP = "ReadsLoop", "A field is read of a loop, which has one output for each item."
    ITEM_OUTSIDE_LOOP = "ItemOutsideLoop", "`item` and `index` are read where no loop gives them."
    WHEN_READS_ITEM = "WhenReadsItem", "`when` is asked once, before the list, so it cannot choose items."
    CYCLE = "Cycle", "Nodes wait for each other in a circle."

    # expressions and values
    EXPRESSION_SYNTAX = "ExpressionSyntax", "An expression that does not parse."
    UNCLOSED_EXPRESSION = "UnclosedExpression", "A `${` that nothing closes."
    UNCLOSED_STRING = "UnclosedString", "A quote inside an expression that nothing closes."
    EMPTY_EXPRESSION = "EmptyExpression", "A `${}` with nothing in it."
    NESTED_EXPRESSION = "NestedExpression", "A `${` inside an expression."
    EXPRESSION_TOO_LONG = "ExpressionTooLong", "An expression of more than 4 KiB."
    NESTED_TOO_DEEP = (
        "NestedTooDeep",
        "An expression nested more than 32 deep, or more than two macros inside one another.",
    )
    NULL_LITERAL = "NullLiteral", "`null` stands in an expression; what is not there is absent."
    UNKNOWN_FUNCTION = "UnknownFunction", "A function that expressions do not have."
    TYPE_MISMATCH = "TypeMismatch", "A value or an expression has another type than its place takes."
    NOT_COMPUTED = "NotComputed", "An expression stands where only literals may."
    COMPUTED_REFERENCE = "ComputedReference", "A parameter that names an object is computed."

    # parameters
    UNKNOWN_PARAMETER = "UnknownParameter", "A parameter that the node type or the workflow does not take."
    MISSING_PARAMETER = "MissingParameter", "A parameter that must be given, and is not."
    INVALID_VALUE = "InvalidValue", "A value of the right type that is out of bounds."
    INVALID_SCHEMA = "InvalidSchema", "A JSON Schema that is none, or uses what Headgate leaves out."

    # objects that the workflow names
    MISSING_NODE_TYPE = "MissingNodeType", "A node type, or a version of it, that is not there."
    MISSING_WORKFLOW = "MissingWorkflow", "A workflow that is not there."
    MISSING_POLICY = "MissingPolicy", "An ApprovalPolicy that is not there."
    MISSING_CREDENTIAL = "MissingCredential", "A Credential that is not there."
    MISSING_MODEL = "MissingModel", "A Model that is not there."
    MISSING_KNOWLEDGE_BASE = "MissingKnowledgeBase", "A KnowledgeBase that is not there."
    OBJECT_REFUSED = (
        "ObjectRefused",
        "An object that does not serve this node: a credential for other hosts, say.",
    )
    NOTHING_ACTS = "NothingActs", "An object of a kind with which this version of Headgate does nothing yet."
    DEPRECATED = "Deprecated", "A node type that is going away."

    # gates
    NOT_FOR_GATES = "NotForGates", "A field that makes no sense on a node that waits."
    GATE_IN_LOOP = "GateInLoop", "A gate inside `forEach`: people would get a request for each item."
    GATE_IN_FINALLY = "GateInFinally", "A gate in `finally`, which waits for nobody."
    NOT_BEHIND_GATE = "NotBehindGate", "A credential demands an approval first, and no gate before the node gives it."
    BYPASSES_GATE = "BypassesGate", "A node with an effect uses what a gate shows, and does not come after the gate."
    USES_UNAPPROVED = "UsesUnapproved", "A node with an effect reads what was there before people corrected it."
    NO_RECOVERY_POLICY = "NoRecoveryPolicy", "`onError: Ask` without an ApprovalPolicy `recovery`: it is as `Fail`."

    # policies
    NOT_ENOUGH_VOTERS = "NotEnoughVoters", "A stage of an ApprovalPolicy asks more votes than it names people."
    REQUESTER_MAY_APPROVE = (
        "RequesterMayApprove",
        "An ApprovalPolicy that does not say whether those who ask for a Run may approve it: they may.",
    )
    NEVER_HAPPENS = "NeverHappens", "Something of an ApprovalPolicy is to happen at a time that never comes."
    UNKNOWN_NAME = "UnknownName", "A policy's expression reads what is neither `values` nor `inputs` nor `run`."

    # node types
    CONFLICTING_TRAITS = "ConflictingTraits", "Traits of a node type that cannot be true together, or of what it is."

    # loops, retries, finally
    TOO_MANY_ITEMS = "TooManyItems", "A written list of more items than a loop may have."
    UNKNOWN_REASON = "UnknownReason", "`retry.reasons` names what no attempt fails with."
    NOT_IDEMPOTENT = "NotIdempotent", "A node is to be retried that may not be repeated safely."
    REFERS_TO_FINALLY = "RefersToFinally", "Something refers to a node of `finally`, which comes after everything."
    AFTER_IN_FINALLY = "AfterInFinally", "`after` in `finally`, which comes after everything as it is."

    # other workflows
    NOT_FOR_WORKFLOWS = "NotForWorkflows", "A field that makes no sense on a node that is a workflow."
    RECURSIVE_WORKFLOW = "RecursiveWorkflow", "A workflow that uses itself, in the end."
    UNKNOWN_ENVIRONMENT = "UnknownEnvironment", "An environment that a workflow used here does not have."

    # the whole
    UNUSED_OUTPUT = "UnusedOutput", "A node without effect whose output nobody reads."
    DISCONNECTED_GRAPH = "DisconnectedGraph", "The graph is in several parts that have nothing to do with each other."
    TOO_MANY_NEEDS = "TooManyNeeds", "A node that waits for too many others directly."
    TOO_LARGE = "TooLarge", "Parameters, or inputs of a Run, larger than a pod can be handed."
