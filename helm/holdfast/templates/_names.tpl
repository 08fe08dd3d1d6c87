{{/* Names, labels and addresses. Templates of one service are given {root, name, service}. */}}

{{- define "holdfast.fullname" -}}
{{- if contains "holdfast" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-holdfast" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "holdfast.serviceName" -}}
{{ include "holdfast.fullname" .root }}-{{ .name }}
{{- end }}

{{/* Of everything in the release. */}}
{{- define "holdfast.labels" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: holdfast
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What selects the pods of a service: never a version, or no release could be upgraded. */}}
{{- define "holdfast.selector" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "holdfast.serviceLabels" -}}
{{ include "holdfast.selector" . }}
app.kubernetes.io/part-of: holdfast
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
holdfast/kind: {{ .service.kind }}
{{- end }}

{{- define "holdfast.image" -}}
{{- $image := .root.Values.image -}}
{{- if .service.digest -}}
{{ printf "%s-%s@%s" $image.repository .name .service.digest }}
{{- else -}}
{{ printf "%s-%s:%s" $image.repository .name (default .root.Chart.AppVersion $image.tag) }}
{{- end }}
{{- end }}

{{/* The services that run in this environment, as JSON: {name: {what values.yaml says, and what its kind adds}}. */}}
{{- define "holdfast.services" -}}
{{- $size := get .Values.sizes .Values.environment -}}
{{- $standalone := eq .Values.environment "standalone" -}}
{{- $found := dict -}}
{{- range $name, $service := .Values.services }}
{{- if and (ne (toString $service.enabled) "false") (eq (default false $service.alone) $standalone) }}
{{- $replicas := get $size.replicas $service.kind -}}
{{- $limits := dict "cpu" $size.cpu "memory" $size.memory -}}
{{- $resources := dict "requests" $limits "limits" (dict "memory" $size.memory) -}}
{{- $defaults := dict "replicas" $replicas "resources" $resources "storage" $size.storage -}}
{{- $_ := set $found $name (merge (deepCopy $service) $defaults) }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* {port: number} of a service's container. */}}
{{- define "holdfast.ports" -}}
{{- if eq .service.kind "stateless" -}}
{{ toJson (dict "http" 8080 "admin" 8082) }}
{{- else if eq (toString .service.door) "false" -}}
{{ toJson (dict "admin" 8082) }}
{{- else if .service.alone -}}
{{ toJson (dict "http" 8080 "grpc" 8081 "admin" 8082) }}
{{- else -}}
{{ toJson (dict "grpc" 8081 "admin" 8082) }}
{{- end }}
{{- end }}

{{/* Every service's doors by ordinal, as instance.doors and the gateway want them. */}}
{{- define "holdfast.doors" -}}
{{- $root := .root -}}
{{- $doors := list -}}
{{- $any := "" -}}
{{- range $name, $service := include "holdfast.services" $root | fromJson }}
{{- if and (ne $service.kind "stateless") (ne (toString $service.door) "false") }}
{{- $host := include "holdfast.serviceName" (dict "root" $root "name" $name) -}}
{{- $addresses := list -}}
{{- range $ordinal := until (int $service.replicas) }}
{{- $addresses = append $addresses (printf "%s-%d.%s.%s.svc.%s:8081" $host $ordinal $host $root.Release.Namespace $root.Values.clusterDomain) }}
{{- end }}
{{- range $door := prepend (default list $service.doors) $name }}
{{- $doors = append $doors (printf "%s=%s" $door (join "," $addresses)) }}
{{- end }}
{{- if eq $name $root.Values.anythingElse }}{{ $any = join "," $addresses }}{{ end }}
{{- end }}
{{- end }}
{{- join ";" (append $doors (printf "*=%s" $any)) }}
{{- end }}
