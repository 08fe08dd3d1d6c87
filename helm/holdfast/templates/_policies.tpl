{{/* The two ends of an edge: {root, end, services}. */}}

{{/* Not empty where the end is a peer, or somebody of it runs in this environment on more than loopback. */}}
{{- define "holdfast.runsHere" -}}
{{- if hasKey .root.Values.peers .end }}yes{{ else }}
{{- range $name, $service := .services }}
{{- $kinds := dict "owner" "owners" "reader" "readers" "stateless" "stateless" -}}
{{- if and (not $service.alone) (or (eq $.end "everyone") (eq $.end $name) (eq $.end (get $kinds $service.kind))) }}yes{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Labels of the pods of an end that is ours. */}}
{{- define "holdfast.podsOf" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- $kinds := dict "owners" "owner" "readers" "reader" "stateless" "stateless" -}}
{{- if hasKey $kinds .end }}
holdfast/kind: {{ get $kinds .end }}
{{- else if ne .end "everyone" }}
app.kubernetes.io/component: {{ .end }}
{{- end }}
{{- end }}

{{- define "holdfast.policyPeers" -}}
{{- if hasKey .root.Values.peers .end }}
{{- toYaml (get .root.Values.peers .end).of }}
{{- else -}}
- podSelector:
    matchLabels: {{ include "holdfast.podsOf" . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "holdfast.policyPorts" -}}
{{- if hasKey .root.Values.peers .edge.to }}
{{- toYaml (get .root.Values.peers .edge.to).ports }}
{{- else -}}
- {protocol: TCP, port: {{ get (dict "http" 8080 "grpc" 8081 "admin" 8082) .edge.port }}}
{{- end }}
{{- end }}

{{- define "holdfast.policyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "holdfast.fullname" .root }}-{{ .edge.from }}-{{ .edge.to }}{{ with .edge.port }}-{{ . }}{{ end }}-{{ .way }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "holdfast.labels" .root | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{ include "holdfast.podsOf" .of | nindent 6 }}
{{- end }}
