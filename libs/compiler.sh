#!/bin/sh
# The compiler behind ccache. CMake makes a precompiled header while the old one lies beside its source; the preprocessor
# then refers to the old one instead of reading the headers, and ccache gives back what belongs to it. So it goes first.
# Precompiled headers are cacheable only if their defines and __TIME__ are not looked into (ccache manual, PCH).
previous=
for word; do
  case $previous$word in -o*.gch) rm -f -- "$word" ;; esac
  previous=$word
done
CCACHE_SLOPPINESS=pch_defines,time_macros exec ccache "$@"
