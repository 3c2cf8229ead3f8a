{{- define "flowverify.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "flowverify.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "flowverify.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "flowverify.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "flowverify.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flowverify.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "flowverify.labels" -}}
{{ include "flowverify.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "flowverify.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "flowverify.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "flowverify.configName" -}}
{{- default (include "flowverify.fullname" .) .Values.configExistingName -}}
{{- end -}}

{{- define "flowverify.image" -}}
{{- $image := .Values.image.repository -}}
{{- if .Values.image.registry -}}
{{- $image = printf "%s/%s" .Values.image.registry $image -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $image .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The files of the configuration: names are flat in a ConfigMap, the volume
puts flows below flows.d. */}}
{{- define "flowverify.files" -}}
flowverify.cfg: |
  {{- .Values.config | nindent 2 }}
{{- range $name, $content := .Values.flows }}
{{ $name }}: |
  {{- $content | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A flag's value in extraArgs, which come last and so win; or .default. */}}
{{- define "flowverify.flag" -}}
{{- $value := .default -}}
{{- $flag := printf "--%s=" .name -}}
{{- range .root.Values.extraArgs -}}
{{- if hasPrefix $flag . }}{{ $value = trimPrefix $flag . }}{{ end -}}
{{- end -}}
{{- $value -}}
{{- end -}}

{{/* The path before all routes: "" or "/x". */}}
{{- define "flowverify.prefix" -}}
{{- $url := include "flowverify.flag" (dict "root" . "name" "web.external-url" "default" .Values.externalUrl) -}}
{{- $prefix := include "flowverify.flag" (dict "root" . "name" "web.route-prefix" "default" .Values.routePrefix) -}}
{{- printf "/%s" (default (urlParse $url).path $prefix | trimAll "/") | trimSuffix "/" -}}
{{- end -}}

{{- define "flowverify.metrics" -}}
{{- include "flowverify.prefix" . -}}
{{- include "flowverify.flag" (dict "root" . "name" "web.telemetry-path" "default" "/metrics") -}}
{{- end -}}

{{- define "flowverify.scheme" -}}
{{- if .Values.webConfig.tls_server_config }}https{{ else }}http{{ end -}}
{{- end -}}

{{/* A probe of .path; the kubelet has no certificate to show. */}}
{{- define "flowverify.probe" -}}
{{- $probe := deepCopy .probe -}}
{{- $tls := default dict .root.Values.webConfig.tls_server_config -}}
{{- $get := dict "path" (print (include "flowverify.prefix" .root) .path) "port" "http" "scheme" (include "flowverify.scheme" .root | upper) -}}
{{- if hasKey $probe "httpGet" -}}
{{- $_ := set $probe "httpGet" (mergeOverwrite $get $probe.httpGet) -}}
{{- else if not (or (hasKey $probe "tcpSocket") (hasKey $probe "exec") (hasKey $probe "grpc")) -}}
{{- if hasPrefix "Require" (default "" $tls.client_auth_type) -}}
{{- $_ := set $probe "tcpSocket" (dict "port" "http") -}}
{{- else -}}
{{- $_ := set $probe "httpGet" $get -}}
{{- end -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end -}}
