{{/* deploy/kafka/topics.json with <context> and <tenant> filled in, as JSON: {topics: [...]}, each with `context` where it has
     one. Topics of tenants are made for those that kafka.strimzi.tenants names. */}}
{{- define "holdfast.topics" -}}
{{- $registry := .Files.Get "files/topics.json" | fromJson -}}
{{- $made := list -}}
{{- range $topic := $registry.topics }}
{{- $tenants := ternary $.Values.kafka.strimzi.tenants (list "") (contains "<tenant>" $topic.name) -}}
{{- $contexts := ternary $registry.contexts (list "") (contains "<context>" $topic.name) -}}
{{- range $tenant := $tenants }}
{{- range $context := $contexts }}
{{- $name := $topic.name | replace "<tenant>" $tenant | replace "<context>" $context -}}
{{- $made = append $made (mustMergeOverwrite (deepCopy $topic) (dict "name" $name "context" $context)) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson (dict "topics" $made) }}
{{- end }}

{{/* Not empty where the service is one of those that the registry names: {name, service, words, context}. */}}
{{- define "holdfast.isNamed" -}}
{{- $words := list .name "every process" -}}
{{- if eq .name .context }}{{ $words = append $words "<context>" }}{{ end }}
{{- if eq .service.kind "owner" }}{{ $words = concat $words (list "owners" "standbys" "reactors") }}{{ end }}
{{- range $word := .words }}{{ if has $word $words }}yes{{ end }}{{ end }}
{{- end }}
