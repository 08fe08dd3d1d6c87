{{/* The pods of a service, the one shape of all: {root, name, service}. */}}
{{- define "holdfast.podTemplate" -}}
{{- $root := .root -}}
{{- $stateful := ne .service.kind "stateless" -}}
metadata:
  labels:
    {{- include "holdfast.serviceLabels" . | nindent 4 }}
    {{- with $root.Values.pods.labels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # New configuration, new pods.
    holdfast/configuration: {{ include "holdfast.configuration" . | sha256sum | trunc 16 }}
    {{- with $root.Values.pods.annotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "holdfast.fullname" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "holdfast.grace" . }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $root.Values.pods.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $root.Values.pods.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.pods.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  affinity:
    {{- with $root.Values.pods.affinity }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels: {{ include "holdfast.selector" . | nindent 16 }}
    {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ include "holdfast.selector" . | nindent 10 }}
  containers:
    - name: {{ .name }}
      image: {{ include "holdfast.image" . }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ include "holdfast.arguments" . | nindent 8 }}
      {{- if and $stateful (not .service.alone) }}
      env:
        - name: POD
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: ORDINAL
          valueFrom: {fieldRef: {fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']"}}
      {{- end }}
      ports:
        {{- range $port, $number := include "holdfast.ports" . | fromJson }}
        - name: {{ $port }}
          containerPort: {{ $number }}
        {{- end }}
      {{- include "holdfast.probes" . | nindent 6 }}
      resources: {{ toYaml .service.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        privileged: false
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        capabilities:
          drop: [ALL]
      {{- if or $stateful (not .service.arguments) $root.Values.tls.enabled }}
      volumeMounts:
        {{- if not .service.arguments }}
        - name: configuration
          mountPath: /etc/holdfast
          readOnly: true
        {{- end }}
        {{- if $stateful }}
        - name: data
          mountPath: /var/lib/holdfast
        {{- end }}
        {{- if and $stateful (not .service.alone) }}
        - name: secrets
          mountPath: /run/secrets/holdfast
          readOnly: true
        {{- end }}
        {{- if $root.Values.tls.enabled }}
        - name: tls
          mountPath: /run/secrets/tls
          readOnly: true
        {{- end }}
      {{- end }}
  {{- if or $stateful (not .service.arguments) $root.Values.tls.enabled }}
  volumes:
    {{- if not .service.arguments }}
    - name: configuration
      configMap:
        name: {{ include "holdfast.serviceName" . }}
    {{- end }}
    {{- if and $stateful (not .service.alone) }}
    - name: secrets
      secret:
        secretName: {{ $root.Values.secrets.existingSecret }}
        defaultMode: 0440
    {{- end }}
    {{- if $root.Values.tls.enabled }}
    - name: tls
      secret:
        secretName: {{ $root.Values.tls.secretPrefix }}{{ .name }}
        defaultMode: 0440
    {{- end }}
  {{- end }}
{{- end }}

{{/* The process reads no environment variables; Kubernetes puts them into the arguments. */}}
{{- define "holdfast.arguments" -}}
{{- if .service.arguments }}
{{- range .service.arguments }}
- {{ tpl . $ | quote }}
{{- end }}
{{- else }}
- --config
- /etc/holdfast/holdfast.json
{{- if not .service.alone }}
- --set
- instance.ordinal=$(ORDINAL)
{{- if ne (toString .service.door) "false" }}
- --set
- instance.door=$(POD).{{ include "holdfast.serviceName" . }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}:8081
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Over HTTP from the node. A process on loopback is asked from inside its container. */}}
{{- define "holdfast.probes" -}}
{{- $asked := dict "startupProbe" "startupz" "livenessProbe" "livez" "readinessProbe" "readyz" -}}
{{- $patience := dict "startupProbe" 360 "livenessProbe" 3 "readinessProbe" 2 -}}
{{- range $probe, $page := $asked }}
{{ $probe }}:
  {{- if $.service.alone }}
  exec:
    command: [/usr/bin/holdfast-{{ $.name }}, healthcheck, {{ $page }}, --config, /etc/holdfast/holdfast.json]
  {{- else }}
  httpGet: {path: /{{ $page }}, port: admin}
  {{- end }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: {{ get $patience $probe }}
{{- end }}
{{- end }}
