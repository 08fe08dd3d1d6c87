{{/* What may not stand together: each ends the rendering with a sentence that names the value and the way out. */}}
{{- define "holdfast.checks" -}}
{{- include "holdfast.deprecations" . }}
{{- $services := include "holdfast.services" . | fromJson -}}
{{- $partitions := int (dig "kafka" "partitions" 0 (include "holdfast.environment" . | fromJson)) -}}
{{- if not $services }}
{{- fail (printf "services: none runs in the environment %s; enable one" .Values.environment) }}
{{- end }}
{{- range $name, $service := $services }}
{{- include "holdfast.checkService" (dict "root" $ "name" $name "service" $service "partitions" $partitions) }}
{{- end }}
{{- if ne .Values.environment "standalone" }}
{{- include "holdfast.checkDeployment" (dict "root" . "services" $services) }}
{{- end }}
{{- include "holdfast.checkEdges" . }}
{{- end }}

{{- define "holdfast.checkService" -}}
{{- $at := printf "services.%s" .name -}}
{{- $replicas := int .service.replicas -}}
{{- if and .service.autoscaling (ne .service.kind "stateless") }}
{{- fail (printf "%s.autoscaling: partitions are owned by ordinal, so only a stateless service can be scaled by load; leave it out and set replicas" $at) }}
{{- end }}
{{- if and .service.standby (lt $replicas 2) }}
{{- fail (printf "%s.standby: a standby is a second instance; set replicas to 2 or more, or leave standby out" $at) }}
{{- end }}
{{- if and (eq .service.kind "owner") .partitions (gt $replicas .partitions) }}
{{- fail (printf "%s.replicas: %d owners of %d partitions would leave some without any; set it to %d or less" $at $replicas .partitions .partitions) }}
{{- end }}
{{- if and .service.alone (ne $replicas 1) }}
{{- fail (printf "%s.replicas: the journal of one machine has one process; set it to 1, or choose environment region" $at) }}
{{- end }}
{{- end }}

{{- define "holdfast.checkDeployment" -}}
{{- if not .root.Values.kafka.bootstrap }}
{{- fail "kafka.bootstrap: the services keep their journal on Kafka; name the brokers as host:port, several by commas" }}
{{- end }}
{{- if not .root.Values.secrets.existingSecret }}
{{- fail "secrets.existingSecret: the services recognise each other's commands by a key that they share; name the Secret that holds command-mac.key" }}
{{- end }}
{{- if not (hasKey .services .root.Values.anythingElse) }}
{{- fail (printf "anythingElse: %s does not run here; name a service that does" .root.Values.anythingElse) }}
{{- end }}
{{- end }}

{{- define "holdfast.checkEdges" -}}
{{- $known := concat (list "everyone" "owners" "readers" "stateless") (keys .Values.services) (keys .Values.peers) -}}
{{- range $row, $edge := .Values.edges }}
{{- range $end := list $edge.from $edge.to }}
{{- if not (has $end $known) }}
{{- fail (printf "edges[%d]: %s is no service, kind or peer; define it in peers, or leave the row out" $row $end) }}
{{- end }}
{{- end }}
{{- if and (hasKey $.Values.peers $edge.from) (hasKey $.Values.peers $edge.to) }}
{{- fail (printf "edges[%d]: neither %s nor %s is ours; one end is a service or a kind" $row $edge.from $edge.to) }}
{{- end }}
{{- if and (not (hasKey $.Values.peers $edge.to)) (not $edge.port) }}
{{- fail (printf "edges[%d].port: name the port of %s that is opened: http, grpc or admin" $row $edge.to) }}
{{- end }}
{{- if and (hasKey $.Values.peers $edge.to) (not (get $.Values.peers $edge.to).ports) }}
{{- fail (printf "peers.%s.ports: edges[%d] leads there, so name the ports that are opened" $edge.to $row) }}
{{- end }}
{{- end }}
{{- end }}
