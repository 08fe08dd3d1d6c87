{{/* Keys that were taken away: a release that still sets one is told what took its place, instead of running without it.
     A list of [path, sentence]; the schema lets only these through. None yet. */}}
{{- define "holdfast.deprecations" -}}
{{- $removed := list -}}
{{- range $removed }}
{{- $at := $.Values -}}
{{- range $part := splitList "." (first .) }}
{{- if kindIs "map" $at }}{{ $at = get $at $part }}{{ end }}
{{- end }}
{{- if $at }}{{ fail (printf "%s: %s" (first .) (last .)) }}{{ end }}
{{- end }}
{{- end }}
