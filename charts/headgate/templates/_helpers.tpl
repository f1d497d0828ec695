{{/* Names and labels that several templates share. */}}

{{- define "headgate.name" -}}
{{ .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "headgate.labels" -}}
app.kubernetes.io/name: headgate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "headgate.selector" -}}
app.kubernetes.io/name: headgate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{/* Who Headgate is to the API server: the policies let this user do what nobody else may. */}}
{{- define "headgate.operatorUser" -}}
{{ .Values.admission.operator | default (printf "system:serviceaccount:%s:%s" .Release.Namespace (include "headgate.name" .)) }}
{{- end }}

{{/* The operator's image, by digest where one is given. */}}
{{- define "headgate.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "headgate.specHash" -}}
{{ printf "sha256:%s" (toRawJson . | sha256sum) }}
{{- end }}
