"""The strict validator of Parameter Store's requests takes what is right, and refuses what the service would."""

from __future__ import annotations

from typing import Any

import pytest

from holdall.testing.ssm import RequestRefused, check

ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter"
PUT = {"Name": "/shop/fee", "Value": "7", "Type": "String"}
RESOURCE = {"ResourceType": "Parameter", "ResourceId": "/shop/fee"}
LABEL = {"Name": "/shop/fee", "Labels": ["live"]}
DEEP = "/a" * 15
LONG = "/" + "n" * 966  # with the ARN of a region with a short name, 1,011 characters


def refused(operation: str, problem: str, **params: Any) -> None:
    """Check that a request is refused, with a message that tells what is wrong with which member."""
    with pytest.raises(RequestRefused) as caught:
        check(operation, params)
    assert str(caught.value).startswith(f"{operation}: {problem}")


def tag(key: str = "k", value: str = "v") -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize(("operation", "params"), [
    ("GetParameter", {"Name": "/shop/fee", "WithDecryption": True}),
    ("GetParameters", {"Names": ["/shop/fee", "fee:3"]}),
    ("GetParametersByPath", {"Path": "/shop", "Recursive": True, "WithDecryption": True, "MaxResults": 10,
                             "NextToken": "t", "ParameterFilters": [{"Key": "Label", "Values": ["live"]}]}),
    ("GetParameterHistory", {"Name": "/shop/fee", "MaxResults": 50}),
    ("PutParameter", {**PUT, "Description": "", "Tags": [tag()], "AllowedPattern": r"^\d+$", "DataType": "text"}),
    ("PutParameter", {"Name": "fee", "Value": "7", "Overwrite": True}),
    ("DeleteParameter", {"Name": "/shop/fee"}),
    ("DeleteParameters", {"Names": ["/shop/fee"]}),
    ("LabelParameterVersion", LABEL),
    ("UnlabelParameterVersion", {**LABEL, "ParameterVersion": 1}),
    ("AddTagsToResource", {**RESOURCE, "Tags": [tag()]}),
    ("RemoveTagsFromResource", {**RESOURCE, "TagKeys": ["k"]}),
    ("ListTagsForResource", RESOURCE),
    ("DescribeParameters", {}),
    ("DescribeParameters", {"ParameterFilters": [{"Key": "Path", "Option": "Recursive", "Values": ["/shop"]}]}),
])  # fmt: skip
def test_a_right_request_is_taken(operation: str, params: dict[str, Any]) -> None:
    check(operation, params)


def test_an_operation_that_has_no_rules_is_taken() -> None:
    check("GetServiceSetting", {"SettingId": "x"})


@pytest.mark.parametrize(("operation", "member"), [
    ("GetParameter", "Name"), ("GetParameters", "Names"), ("GetParametersByPath", "Path"), ("PutParameter", "Name"),
    ("DeleteParameters", "Names"), ("LabelParameterVersion", "Name"), ("ListTagsForResource", "ResourceType"),
])  # fmt: skip
def test_a_missing_member_is_refused(operation: str, member: str) -> None:
    refused(operation, f"{member} is missing")


def test_an_unknown_member_is_refused() -> None:
    refused("GetParameter", "Version is unknown", Name="/shop/fee", Version=1)


@pytest.mark.parametrize(("operation", "member", "value"), [
    ("GetParameter", "Name", None), ("GetParameter", "WithDecryption", "true"), ("GetParameters", "Names", "/shop/fee"),
    ("GetParameters", "Names", [1]), ("GetParametersByPath", "MaxResults", True), ("PutParameter", "Value", 7),
    ("GetParametersByPath", "ParameterFilters", {}), ("PutParameter", "Tags", ["k"]),
    ("PutParameter", "Value", "\ud800"),
])  # fmt: skip
def test_a_member_of_another_type_is_refused(operation: str, member: str, value: Any) -> None:
    base = {"GetParameters": {}, "GetParametersByPath": {"Path": "/shop"}, "GetParameter": {"Name": "/a"}}
    refused(operation, f"{member} ", **{**base.get(operation, PUT), member: value})


def test_a_member_of_an_entry_is_checked_too() -> None:
    refused("PutParameter", "Tags: Value is missing", **PUT, Tags=[{"Key": "k"}])


@pytest.mark.parametrize("name", [
    "fee", "/fee", "/Shop/a.b_c-d/9", DEEP, LONG, "/aws/reference/secretsmanager/db+main@x:AWSPREVIOUS",
    "/aws/service/ami-amazon-linux-latest/al2023", "fee:12", "/shop/fee:live", f"{ARN}/shop/fee", f"{ARN}/fee:3",
    "arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/fee",
])  # fmt: skip
def test_a_name_that_may_be_read_is_taken(name: str) -> None:
    check("GetParameter", {"Name": name})
    check("GetParameters", {"Names": [name]})


@pytest.mark.parametrize(("name", "problem"), [
    ("", "is empty"), ("/shop/a fee", "has other characters"), ("/shop/fée", "has other characters"),
    ("/shop/fee\n", "has other characters"), ("/shop/fee:", "has other characters"),
    ("/shop/fee:a b", "has other characters"), ("/shop/fee:1:2", "has other characters"),
    ("shop/fee", "has levels"), ("/shop//fee", "has an empty level"), ("/shop/", "has an empty level"),
    ("/", "has an empty level"), (DEEP + "/a", "has more than 15 levels"), (LONG + "n", "has more than 1,011"),
    ("arn:aws:ssm:eu-west-1:1:parameter/fee", "is no ARN"), (f"{ARN}/shop//fee", "has an empty level"),
])  # fmt: skip
def test_a_name_that_no_parameter_can_have_is_refused(name: str, problem: str) -> None:
    refused("GetParameter", f"Name {problem}", Name=name)


@pytest.mark.parametrize("name", ["/shop/fee:3", "/shop/fee:live", f"{ARN}/shop/fee"])
@pytest.mark.parametrize(("operation", "params"), [
    ("PutParameter", {"Value": "7", "Type": "String"}), ("DeleteParameter", {}),
    ("LabelParameterVersion", {"Labels": ["live"]}),
    ("UnlabelParameterVersion", {"Labels": ["a"], "ParameterVersion": 1}),
])  # fmt: skip
def test_a_write_takes_neither_selector_nor_arn(operation: str, params: dict[str, Any], name: str) -> None:
    refused(operation, "Name has other characters", Name=name, **params)


def test_the_history_of_one_version_is_refused() -> None:
    refused("GetParameterHistory", "Name has other characters", Name="/shop/fee:3")


@pytest.mark.parametrize("name", ["awsFee", "/aws/fee", "/AWS/reference/secretsmanager/x", "SSM-fee", "/ssm/fee"])
def test_a_reserved_name_is_not_written(name: str) -> None:
    refused("PutParameter", "Name begins with aws or ssm", **{**PUT, "Name": name})


@pytest.mark.parametrize("names", [[], [f"/n{i}" for i in range(11)]])
@pytest.mark.parametrize("operation", ["GetParameters", "DeleteParameters"])
def test_one_request_has_one_to_ten_names(operation: str, names: list[str]) -> None:
    refused(operation, f"Names has {len(names)}, not 1 to 10", Names=names)


def test_ten_names_are_taken() -> None:
    check("GetParameters", {"Names": [f"/n{i}" for i in range(10)]})


def test_a_name_given_twice_is_refused() -> None:
    refused("GetParameters", "Names has one twice", Names=["/shop/fee", "/shop/fee"])


def test_one_of_several_names_that_is_wrong_is_shown() -> None:
    refused("GetParameters", "Names: 'shop/fee' has levels", Names=["/shop/fee", "shop/fee"])


@pytest.mark.parametrize("path", ["/", "/shop", "/shop/"])
def test_a_path_may_be_the_root_and_end_with_a_slash(path: str) -> None:
    check("GetParametersByPath", {"Path": path})


@pytest.mark.parametrize("path", ["", "shop", "/shop//a", "/shop//", "/shop:3", f"{ARN}/shop", DEEP + "/a"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    refused("GetParametersByPath", "Path ", Path=path)


@pytest.mark.parametrize(("operation", "most"), [
    ("GetParametersByPath", 10), ("GetParameterHistory", 50), ("DescribeParameters", 50),
])  # fmt: skip
@pytest.mark.parametrize("beyond", [False, True])
def test_a_page_has_its_limits(operation: str, most: int, beyond: bool) -> None:
    given = {"GetParametersByPath": {"Path": "/"}, "GetParameterHistory": {"Name": "/a"}}.get(operation, {})
    refused(operation, f"MaxResults is not 1 to {most}", **given, MaxResults=most + 1 if beyond else 0)


@pytest.mark.parametrize("key", ["Name", "Path", "Tier", "DataType", "tag:team"])
def test_a_path_is_not_filtered_by_what_it_has_no_filter_for(key: str) -> None:
    refused("GetParametersByPath", "ParameterFilters: there is no such Key", Path="/", ParameterFilters=[
        {"Key": key, "Values": ["x"]}
    ])  # fmt: skip


def test_labels_are_not_described() -> None:
    refused("DescribeParameters", "ParameterFilters: there is no such Key", ParameterFilters=[{"Key": "Label"}])


@pytest.mark.parametrize(("key", "option"), [("Label", "BeginsWith"), ("Type", "Contains")])
def test_a_filter_has_the_options_of_its_key(key: str, option: str) -> None:
    one = {"Key": key, "Option": option, "Values": ["x"]}
    refused("GetParametersByPath", "ParameterFilters: its Key has no such Option", Path="/", ParameterFilters=[one])


@pytest.mark.parametrize("values", [[], [""], ["x"] * 51, ["x" * 1025]])
def test_a_filter_has_one_to_fifty_values(values: list[str]) -> None:
    one = {"Key": "Type", "Values": values}
    refused("GetParametersByPath", "ParameterFilters: Values are", Path="/", ParameterFilters=[one])


def test_an_empty_value_is_refused() -> None:
    refused("PutParameter", "Value is empty", **{**PUT, "Value": ""})


@pytest.mark.parametrize(("tier", "most"), [
    ({}, 4096), ({"Tier": "Standard"}, 4096), ({"Tier": "Advanced"}, 8192), ({"Tier": "Intelligent-Tiering"}, 8192),
])  # fmt: skip
def test_a_value_has_as_many_bytes_as_its_tier_allows(tier: dict[str, str], most: int) -> None:
    check("PutParameter", {**PUT, **tier, "Value": "é" * (most // 2)})
    refused("PutParameter", f"Value has {most + 2:,} bytes", **{**PUT, **tier, "Value": "é" * (most // 2 + 1)})


@pytest.mark.parametrize("value", ["{{ssm:fee}}", "a {{ ssm:fee }} b", "{{}}", "{{\n}}"])
def test_a_reference_to_a_parameter_is_refused(value: str) -> None:
    refused("PutParameter", "Value has {{ and }}", **{**PUT, "Value": value})


@pytest.mark.parametrize("value", ['{"a":{"b":{}}}', "{{", "}} {{", "{ {x} }"])
def test_other_braces_are_taken(value: str) -> None:
    check("PutParameter", {**PUT, "Value": value})


def test_no_message_has_the_value() -> None:
    with pytest.raises(RequestRefused) as caught:
        check("PutParameter", {**PUT, "Value": "hunter2{{}}", "AllowedPattern": "^x$"})
    assert "hunter2" not in str(caught.value)


def test_a_new_parameter_needs_a_type() -> None:
    refused("PutParameter", "Type is missing", Name="/shop/fee", Value="7")
    refused("PutParameter", "Type is missing", Name="/shop/fee", Value="7", Overwrite=False)


@pytest.mark.parametrize(("member", "value"), [("Type", "Integer"), ("Tier", "standard"), ("DataType", "string")])
def test_what_is_none_of_its_values_is_refused(member: str, value: str) -> None:
    refused("PutParameter", f"{member} is none of", **{**PUT, member: value})


def test_only_a_secure_string_has_a_key() -> None:
    check("PutParameter", {**PUT, "Type": "SecureString", "KeyId": "alias/shop"})
    check("PutParameter", {"Name": "/shop/fee", "Value": "7", "Overwrite": True, "KeyId": "alias/shop"})
    refused("PutParameter", "KeyId is for a SecureString only", **PUT, KeyId="alias/shop")


def test_a_key_has_its_characters() -> None:
    refused("PutParameter", "KeyId has other characters", **{**PUT, "Type": "SecureString"}, KeyId="alias shop")


def test_tags_are_not_given_with_overwrite() -> None:
    refused("PutParameter", "Tags can't be given with Overwrite", **PUT, Overwrite=True, Tags=[tag()])


@pytest.mark.parametrize("tags", [
    [tag(f"k{i}") for i in range(51)], [tag("")], [tag("k" * 129)], [tag("aws:k")], [tag("AWS:k")], [tag("k!")],
    [tag(value="v" * 257)], [tag(value="a,b")],
])  # fmt: skip
def test_a_tag_that_can_not_be_is_refused(tags: list[dict[str, str]]) -> None:
    refused("PutParameter", "Tags", **PUT, Tags=tags)
    refused("AddTagsToResource", "Tags", **RESOURCE, Tags=tags)


@pytest.mark.parametrize("one", [tag("k" * 128, "v" * 256), tag("größe 1", ""), tag("a_.:/=+-@", "²")])
def test_a_tag_at_its_limits_is_taken(one: dict[str, str]) -> None:
    check("PutParameter", {**PUT, "Tags": [one]})


def test_a_key_of_a_tag_to_remove_is_checked() -> None:
    refused("RemoveTagsFromResource", "TagKeys: a key", **RESOURCE, TagKeys=["k!"])


def test_a_tagged_resource_is_of_a_known_type() -> None:
    refused("ListTagsForResource", "ResourceType is none of", ResourceType="parameter", ResourceId="/shop/fee")


def test_a_tagged_parameter_is_named_without_its_arn() -> None:
    refused("ListTagsForResource", "ResourceId has other characters", **{**RESOURCE, "ResourceId": f"{ARN}/shop/fee"})


@pytest.mark.parametrize("member", ["Description", "AllowedPattern"])
def test_texts_have_their_length(member: str) -> None:
    check("PutParameter", {**PUT, "Value": "x" * 1024, member: "x" * 1024})
    refused("PutParameter", f"{member} has more than 1,024 characters", **{**PUT, member: "x" * 1025})


def test_a_value_matches_its_allowed_pattern() -> None:
    refused("PutParameter", "AllowedPattern doesn't match the Value", **{**PUT, "Value": "x"}, AllowedPattern=r"^\d+$")


def test_an_allowed_pattern_is_a_regular_expression() -> None:
    refused("PutParameter", "AllowedPattern is no regular expression", **PUT, AllowedPattern="(")


def test_an_allowed_pattern_that_only_java_knows_is_left_to_the_service() -> None:
    check("PutParameter", {**PUT, "AllowedPattern": r"^\p{Nd}+$"})


def test_only_an_advanced_parameter_has_policies() -> None:
    check("PutParameter", {**PUT, "Policies": "[]", "Tier": "Advanced"})
    refused("PutParameter", "Policies are for an advanced parameter only", **PUT, Policies="[]")


def test_only_an_advanced_parameter_is_checked_as_json() -> None:
    check("PutParameter", {**PUT, "DataType": "json", "Tier": "Intelligent-Tiering"})
    refused("PutParameter", "DataType is for an advanced parameter only", **PUT, DataType="json")


@pytest.mark.parametrize("label", ["1bad", "aws-x", "SSMy", "a b", "a/b", "", "l" * 101])
def test_a_label_that_would_not_be_attached_is_refused(label: str) -> None:
    refused("LabelParameterVersion", "Labels: one", **{**LABEL, "Labels": ["live", label]})


@pytest.mark.parametrize("labels", [[], [f"l{i}" for i in range(11)]])
def test_one_to_ten_labels_are_attached_at_once(labels: list[str]) -> None:
    refused("LabelParameterVersion", f"Labels has {len(labels)}, not 1 to 10", **{**LABEL, "Labels": labels})


def test_versions_are_counted_from_one() -> None:
    refused("LabelParameterVersion", "ParameterVersion is not 1 or more", **LABEL, ParameterVersion=0)
