{{/* The file of deploy/environments, as JSON. */}}
{{- define "holdfast.environment" -}}
{{- .Files.Get (printf "files/environments/%s.json" .Values.environment) }}
{{- end }}

{{/* holdfast.config.v1.Process of a service: the environment, what the values say, what the chart knows. Everything but the
     ordinal, which a pod learns from its label. */}}
{{- define "holdfast.configuration" -}}
{{- $config := include "holdfast.environment" .root | fromJson -}}
{{- $config = mustMergeOverwrite $config (deepCopy .root.Values.config) (deepCopy (default dict .service.config)) -}}
{{- $known := dict "data_dir" "/var/lib/holdfast/data" "listen" (dict "http_port" 8080 "grpc_port" 8081 "admin_port" 8082) -}}
{{- if not .service.alone }}
{{- $_ := set $known.listen "host" "0.0.0.0" -}}
{{- $_ := set $known "kafka" (dict "bootstrap" .root.Values.kafka.bootstrap) -}}
{{- $_ := set $known "instance" (dict "replicas" (int .service.replicas) "doors" (include "holdfast.doors" .) "shared_secrets" "/run/secrets/holdfast") -}}
{{- end }}
{{- mustToPrettyJson (mustMergeOverwrite $config $known) }}
{{- end }}

{{/* Seconds that a pod is given to end: the drain, and ten more (its own watchdog ends it two before). */}}
{{- define "holdfast.grace" -}}
{{- $drain := (include "holdfast.configuration" . | fromJson).drain -}}
{{ add 10 (div (add (int $drain.delay_ms) (int $drain.deadline_ms)) 1000) }}
{{- end }}
