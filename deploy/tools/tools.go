//go:build tools

// Package tools names the programs that this module is for.
package tools

import _ "github.com/helm-unittest/helm-unittest/cmd/helm-unittest"
