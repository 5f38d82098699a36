"""What the reference server offers, as data: the fixtures that the official conformance suite asks for."""

import json
from typing import Any

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="
STATIC, BINARY, WATCHED = "test://static-text", "test://static-binary", "test://watched-resource"


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "text": content}


def _resource(uri: str, mime: str, content: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": content}}


IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}
RESULTS: dict[str, list[dict[str, Any]]] = {
    # tools that always say the same
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [IMAGE],
    "test_audio_content": [{"type": "audio", "data": WAV, "mimeType": "audio/wav"}],
    "test_embedded_resource": [
        _resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        IMAGE,
        _resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
}


def form(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _defaults() -> dict[str, Any]:
    return {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }


_PLAIN = ["option1", "option2", "option3"]
_TITLED = [{"const": f"value{n}", "title": f"{word} Option"} for n, word in enumerate(("First", "Second", "Third"), 1)]
FORMS: dict[str, dict[str, Any]] = {
    # forms of tools that ask the user, in the revisions in which a server may ask
    "test_elicitation": form(username={"type": "string"}, email={"type": "string"}),
    "test_elicitation_sep1034_defaults": {"type": "object", "properties": _defaults(), "required": []},
    "test_elicitation_sep1330_enums": {
        "type": "object",
        "properties": {
            "untitledSingle": {"type": "string", "enum": _PLAIN},
            "titledSingle": {"type": "string", "oneOf": _TITLED},
            "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]},
            "untitledMulti": {"type": "array", "items": {"type": "string", "enum": _PLAIN}},
            "titledMulti": {"type": "array", "items": {"anyOf": _TITLED}},
        },
        "required": [],
    },
}

ASK_NAME = {
    "method": "elicitation/create",
    "params": {"message": "What is your name?", "requestedSchema": form(name={"type": "string"})},
}


def _ask(question: str, **properties: Any) -> dict[str, Any]:
    return {"method": "elicitation/create", "params": {"message": question, "requestedSchema": form(**properties)}}


def _sample(question: str) -> dict[str, Any]:
    message = {"role": "user", "content": text(question)}
    return {"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": 100}}


_ROOTS: dict[str, Any] = {"method": "roots/list", "params": {}}
ROUNDS: dict[str, list[dict[str, Any]]] = {
    # tools that need input: what they ask for, round by round
    "test_input_required_result_elicitation": [{"user_name": ASK_NAME}],
    "test_input_required_result_sampling": [{"capital_question": _sample("What is the capital of France?")}],
    "test_input_required_result_list_roots": [{"client_roots": _ROOTS}],
    "test_input_required_result_request_state": [{"confirm": _ask("Please confirm", ok={"type": "boolean"})}],
    "test_input_required_result_tampered_state": [{"confirm": _ask("Please confirm", ok={"type": "boolean"})}],
    "test_input_required_result_multiple_inputs": [
        {"user_name": ASK_NAME, "greeting": _sample("Generate a greeting"), "client_roots": _ROOTS}
    ],
    "test_input_required_result_multi_round": [
        {"step1": _ask("Step 1: What is your name?", name={"type": "string"})},
        {"step2": _ask("Step 2: What is your favorite color?", color={"type": "string"})},
    ],
    "test_input_required_result_capabilities": [{"ask": ASK_NAME, "sample": _sample("Say hello")}],
    "test_streaming_elicitation": [{"user_name": ASK_NAME}],
}
STATEFUL = {name for name in ROUNDS if name.endswith(("_state", "_inputs", "_round"))}
"""Those whose requestState has to come back untouched."""

SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
_MIRRORED = form(
    region={"type": "string", "x-mcp-header": "Region"}, level={"type": "integer", "x-mcp-header": "Level"}
)
NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}
SCHEMAS: dict[str, dict[str, Any]] = {
    **dict.fromkeys([*RESULTS, *FORMS, *ROUNDS], NO_ARGUMENTS),
    **dict.fromkeys(
        [
            "test_error_handling",
            "test_logging_tool",
            "test_missing_capability",
            "test_reconnection",
            "test_tool_with_logging",
            "test_tool_with_progress",
            "test_trigger_prompt_change",
            "test_trigger_tool_change",
        ],
        NO_ARGUMENTS,
    ),
    "test_elicitation": form(message={"type": "string"}),
    "test_sampling": form(prompt={"type": "string"}),
    "test_x_mcp_header": {**_MIRRORED, "required": []},
    "json_schema_2020_12_tool": SCHEMA_2020_12,
}

RESOURCES = [
    {"uri": STATIC, "name": "static-text", "description": "A text", "mimeType": "text/plain"},
    {"uri": BINARY, "name": "static-binary", "description": "An image", "mimeType": "image/png"},
    {"uri": WATCHED, "name": "watched-resource", "description": "A text that is watched", "mimeType": "text/plain"},
]
TEMPLATES = [
    {
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "Data by id",
        "mimeType": "application/json",
    }
]


def contents(uri: str) -> dict[str, Any] | None:
    """What a URI holds, or None."""
    if uri == STATIC:
        return {"uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource."}
    if uri == BINARY:
        return {"uri": uri, "mimeType": "image/png", "blob": PNG}
    if uri == WATCHED:
        return {"uri": uri, "mimeType": "text/plain", "text": "Watched resource content."}
    if uri.startswith("test://template/") and uri.endswith("/data"):
        number = uri.split("/")[3]
        data = json.dumps({"id": number, "templateTest": True, "data": f"Data for ID: {number}"})
        return {"uri": uri, "mimeType": "application/json", "text": data}
    return None


_ARGUMENT = [{"name": name, "description": f"{name} of the test", "required": True} for name in ("arg1", "arg2")]
PROMPTS = [
    {"name": "test_simple_prompt", "description": "A prompt without arguments"},
    {"name": "test_prompt_with_arguments", "description": "A prompt with arguments", "arguments": _ARGUMENT},
    {
        "name": "test_prompt_with_embedded_resource",
        "description": "A prompt with a resource",
        "arguments": [{"name": "resourceUri", "description": "What to embed", "required": True}],
    },
    {"name": "test_prompt_with_image", "description": "A prompt with an image"},
    {"name": "test_input_required_result_prompt", "description": "A prompt that needs input"},
]
PROMPT_INPUT = {"user_context": _ask("What context should the prompt use?", context={"type": "string"})}


def messages(name: str, arguments: dict[str, str], inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """What a prompt says."""
    said: dict[str, list[dict[str, Any]]] = {
        "test_simple_prompt": [text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments": [
            text(f"Prompt with arguments: arg1='{arguments.get('arg1')}', arg2='{arguments.get('arg2')}'")
        ],
        "test_prompt_with_embedded_resource": [
            _resource(arguments.get("resourceUri", ""), "text/plain", "Embedded resource content for testing."),
            text("Please process the embedded resource above."),
        ],
        "test_prompt_with_image": [IMAGE, text("Please analyze the image above.")],
        "test_input_required_result_prompt": [text(f"Context: {json.dumps(inputs)}")],
    }
    return [{"role": "user", "content": block} for block in said[name]]
