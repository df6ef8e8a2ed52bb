"""The kinds, and the values that the layers above hand each other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tarmac.model.base import Kind

# One line a kind, nothing imported: kind -> module:class. The order is that of lists and generated files.
KINDS: Mapping[str, str] = {
    "Component": "tarmac.model.component:Component",
    "API": "tarmac.model.api:Api",
    "Resource": "tarmac.model.resource:Resource",
    "System": "tarmac.model.system:System",
    "Domain": "tarmac.model.domain:Domain",
    "Group": "tarmac.model.group:Group",
    "User": "tarmac.model.user:User",
    "Location": "tarmac.model.location:Location",
    "Template": "tarmac.model.template:Template",
    "SLO": "tarmac.model.slo:Slo",
    "SLI": "tarmac.model.sli:Sli",
    "DataSource": "tarmac.model.data_source:DataSource",
    "Service": "tarmac.model.service:Service",
    "AlertPolicy": "tarmac.model.alert_policy:AlertPolicy",
    "AlertCondition": "tarmac.model.alert_condition:AlertCondition",
    "AlertNotificationTarget": "tarmac.model.alert_notification_target:AlertNotificationTarget",
    "Platform": "tarmac.model.platform:Platform",
    "ResourceType": "tarmac.model.resource_type:ResourceType",
    "ResourceRequest": "tarmac.model.resource_request:ResourceRequest",
    "Budget": "tarmac.model.budget:Budget",
    "RateCard": "tarmac.model.rate_card:RateCard",
    "TagPolicy": "tarmac.model.tag_policy:TagPolicy",
    "Policy": "tarmac.model.policy:Policy",
    "ApprovalRule": "tarmac.model.approval_rule:ApprovalRule",
    "Exemption": "tarmac.model.exemption:Exemption",
    "ApprovalRecord": "tarmac.model.approval_record:ApprovalRecord",
    "DeletionApproval": "tarmac.model.deletion_approval:DeletionApproval",
    "Scorecard": "tarmac.model.scorecard:Scorecard",
    "SLA": "tarmac.model.sla:Sla",
}


def load_model(api_version: str, kind: str) -> type[Kind]:
    """The model of the kind, imported now.

    Raises:
        KeyError: there is no such kind, or not under this apiVersion.
    """
    module, _, name = KINDS[kind].partition(":")
    found: type[Kind] = getattr(import_module(module), name)
    if api_version not in found.api_versions():
        raise KeyError(f"{kind} is of {', '.join(found.api_versions())}, not of {api_version}")
    return found
