# The mapping in jq: `jq -c -f map.jq`. A record that has a `reason` is a reject.
{new: "new", open: "open", pending: "waiting_on_customer", hold: "on_hold", solved: "resolved", closed: "closed", archived: "closed",
 deleted: "trashed"} as $states
| {low: 1, normal: 2, high: 3, urgent: 4} as $priorities
| {"core suite": "core", analytics: "analytics", "mobile app": "mobile", gateway: "gateway", "billing hub": "billing", chat: "chat",
   voice: "voice", explore: "explore", guide: "guide", sell: "sell"} as $products
| ([["billing", "refund", "login", "vip", "shipping", "api", "mobile", "outage", "invoice", "trial"], ["old", "v1", "v2", "legacy", "x"]]
   | [combinations | {key: "\(.[0])_\(.[1])", value: .[0]}] | from_entries) as $tags
| def seconds:
    (.[0:19] + "Z" | fromdateiso8601) as $local
    | if endswith("Z") then $local
      else ((.[20:22] | tonumber) * 3600 + (.[23:25] | tonumber) * 60) as $ahead
      | if .[19:20] == "-" then $local + $ahead else $local - $ahead end end;
  def distinct: reduce .[] as $one ([]; if any(.[]; . == $one) then . else . + [$one] end);
  inputs
| if .spam then empty
  elif .requester == null then {legacy_id: .id, reason: "requester missing"}
  else
    (.requester.email | sub("^\\s+"; "") | sub("\\s+$"; "") | ascii_downcase) as $address
    | (reduce .custom_fields[] as $field ({}; .[$field.id | tostring] = $field.value)) as $custom
    | ($custom["360002"] // null) as $about
    | (if $about then ($about | index("/")) else null end) as $slash
    | {legacy_id: .id, source_url: .url, ext_ref: .external_id, body: .description, ticket_type: .type, agent_id: .assignee_id,
       team_id: .group_id, brand: .brand_id, n_comments: .comment_count, company: .organization.name, contact_id: .requester.id,
       csat: .satisfaction_rating.score, title: .subject[0:255], state: ($states[.status] // "open"),
       prio: (if .priority then $priorities[.priority] // 2 else 2 end), labels: (.tags | map($tags[.] // .) | distinct),
       product: ($products[$custom["360001"] // "" | ascii_downcase] // "other"),
       category: (if $slash then $about[0:$slash] else $about end), subcategory: (if $slash then $about[$slash + 1:] else null end),
       region: $custom["360003"], contract_no: $custom["360004"], severity: $custom["360005"],
       created_epoch: (.created_at | seconds), updated_utc: (.updated_at | seconds | todateiso8601),
       contact_email: $address, contact: "\(.requester.name) <\($address)>", via: .via.channel}
  end
