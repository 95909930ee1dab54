#pragma once
// The low-level SHA-256 functions need no initialisation of the library.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
