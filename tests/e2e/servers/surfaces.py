"""What the leaky server says of itself, lists, holds and asks: JSON from planted values. No I/O."""

import base64
from typing import Any

from planted import Planter

Json = Any


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def text_block(text: str) -> Json:
    return {"type": "text", "text": text}


def server_info(plant: Planter, surface: str) -> Json:
    title, description = plant.prose(f"{surface} title"), plant.json(f"{surface} description")
    return {"name": "leaky", "version": "1", "title": title, "description": description}


def capabilities(plant: Planter) -> Json:
    kinds: Json = {"tools": {}, "resources": {"subscribe": True}, "prompts": {}, "completions": {}, "logging": {}}
    return {**kinds, "experimental": {"acme": plant.fields("capabilities experimental")}}


def tools(plant: Planter) -> Json:
    about = {
        "title": plant.prose("tool title"),
        "description": plant.prose("tool description"),
        "annotations": {"title": plant.prose("tool annotations title")},
        "icons": [{"src": "data:text/plain;base64," + encoded(plant.prose("tool icon"))}],
        "inputSchema": {"type": "object", "properties": properties(plant)},
        "outputSchema": {"type": "object", "description": plant.json("outputSchema description")},
        "_meta": {"acme/maintainer": plant.fields("tool _meta")},
    }
    names = ["structured", "files", "fail", "broken", "busy", "ask", plant.value("tool name", "EMAIL")]
    return [{"name": "result", **about}, *({"name": name, "inputSchema": {"type": "object"}} for name in names)]


def properties(plant: Planter) -> Json:
    owner = {"type": "string", "format": "email", "default": plant.value("schema default", "EMAIL")}
    members = [plant.value(surface, "EMAIL") for surface in ("schema enum", "schema enum 2")]
    return {
        "surface": {"type": "string", "description": plant.prose("schema description")},
        "owner": {**owner, "examples": [plant.prose("schema examples")]},
        "assignee": {"enum": [*members, "nobody"]},
        "approver": {"const": plant.value("schema const", "EMAIL")},
        plant.value("schema property", "EMAIL"): {"type": "boolean", "title": plant.prose("schema title")},
    }


def uri(plant: Planter) -> str:
    return f"crm://contacts/{plant.value('resource uri', 'EMAIL')}/card"


def resource(plant: Planter) -> Json:
    return {
        "uri": uri(plant),
        "name": plant.prose("resource name"),
        "title": plant.prose("resource title"),
        "description": plant.json("resource description"),
        "_meta": plant.fields("resource _meta"),
    }


def template(plant: Planter) -> Json:
    return {
        "uriTemplate": f"crm://{plant.value('uriTemplate', 'EMAIL')}/{{field}}",
        "name": plant.prose("template name"),
        "title": plant.prose("template title"),
        "description": plant.prose("template description"),
    }


def prompts(plant: Planter) -> Json:
    about = {"title": plant.prose("prompt argument title"), "description": plant.prose("prompt argument")}
    prompt = {"name": "greet", "title": plant.prose("prompt title"), "description": plant.json("prompt description")}
    withheld = {"name": plant.value("prompt name", "EMAIL")}
    return [{**prompt, "arguments": [{"name": "who", **about}]}, withheld]


def contents(plant: Planter, uri: str) -> Json:
    pdf = encoded("%PDF-1.7 " + plant.prose("resource binary blob"))
    listed: list[Json] = [
        {"mimeType": "text/plain", "text": plant.prose("resource text"), "_meta": plant.fields("contents _meta")},
        {"mimeType": "application/json", "text": plant.json("resource json text")},
        {"mimeType": "text/csv", "text": plant.csv("resource csv text")},
        {"mimeType": "text/csv", "blob": encoded(plant.csv("resource text blob"))},
        {"mimeType": "application/json", "blob": encoded(plant.json("resource json blob"))},
        {"mimeType": "application/pdf", "blob": pdf},
        {"blob": encoded(plant.prose("resource untyped blob"))},
    ]
    return [{"uri": uri, **content} for content in listed]


def blocks(plant: Planter) -> Json:
    """Content of every textual kind, and of kinds that nobody knows."""
    link = "https://crm.example.com/?who=" + plant.value("percent-encoded", "EMAIL").replace("@", "%40")
    return [
        text_block(plant.prose("tool text")),
        text_block(plant.json("tool json text")),
        text_block(plant.csv("tool csv text")),
        text_block(f"See {link}"),
        text_block("Export: " + encoded(plant.json("base64 inside text"))),
        text_block(plant.json_in_json("json inside json")),
        {**text_block("static"), "_meta": plant.fields("content _meta"), "acme": plant.prose("unknown content field")},
        {"type": "acme/card", "body": plant.fields("unknown content type")},
    ]


def files(plant: Planter) -> Json:
    """Links, embedded resources, a picture and a sound."""
    address = uri(plant)
    link = {"uri": address, "name": plant.prose("link name"), "title": plant.prose("link title")}
    page = {"uri": address, "mimeType": "text/html", "blob": encoded(plant.prose("embedded blob"))}
    return [
        {"type": "resource_link", **link, "description": plant.prose("link description")},
        {"type": "resource", "resource": {"uri": address, "text": plant.json("embedded text")}},
        {"type": "resource", "resource": page},
        {"type": "image", "mimeType": "image/png", "data": encoded("\x89PNG " + plant.prose("image"))},
        {"type": "audio", "mimeType": "audio/wav", "data": encoded("RIFF" + plant.prose("audio"))},
    ]


def questions(plant: Planter) -> Json:
    """Requests to the client, by key."""
    url = {"mode": "url", "url": "https://example.com/", "elicitationId": "e1"}
    return {
        "q-form": {"method": "elicitation/create", "params": form(plant)},
        "q-url": {"method": "elicitation/create", "params": {**url, "message": plant.prose("url elicitation")}},
        "q-sampling": {"method": "sampling/createMessage", "params": sampling(plant)},
        "q-roots": {"method": "roots/list", "params": {"_meta": plant.fields("roots _meta")}},
        "q-unknown": {"method": "acme/confirm", "params": plant.fields("unknown server request")},
    }


def form(plant: Planter) -> Json:
    email = {"type": "string", "format": "email", "default": plant.value("elicitation default", "EMAIL")}
    about = {"title": plant.prose("elicitation title"), "description": plant.prose("elicitation field")}
    who = {"type": "string", "enum": [plant.value("elicitation enum", "EMAIL"), "nobody"]}
    schema = {"type": "object", "properties": {"email": {**email, **about}, "who": who}}
    return {"mode": "form", "message": plant.prose("elicitation message"), "requestedSchema": schema}


def sampling(plant: Planter) -> Json:
    use = {"type": "tool_use", "id": "u1", "name": "x", "input": plant.fields("tool_use")}
    result = {"type": "tool_result", "toolUseId": "u1", "content": [text_block(plant.prose("sampling tool_result"))]}
    return {
        "messages": [
            {"role": "user", "content": text_block(plant.prose("sampling message"))},
            {"role": "assistant", "content": use},
            {"role": "user", "content": result},
        ],
        "systemPrompt": plant.prose("sampling systemPrompt"),
        "stopSequences": [plant.value("sampling stop", "EMAIL")],
        "metadata": plant.fields("sampling metadata"),
        "maxTokens": 9,
    }
