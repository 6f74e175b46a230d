#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
/* Swift's Glibc module leaves this one out; the publisher's thread is woken by an eventfd. */
#include <sys/eventfd.h>
/* libmosquitto is itself linked to OpenSSL, and hands its session out. */
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* X509_V_... of the peer's certificate in an SSL session. */
static inline long reallabor_tls_verdict(void *session) { return SSL_get_verify_result((const SSL *)session); }

/* A client's context whose store holds the revocation list of a PEM file and refuses what is on it, or has no list; NULL when
   there is none in the file. The caller lets go of it. */
static inline void *reallabor_tls_context(const char *file) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    X509_STORE *store = context ? SSL_CTX_get_cert_store(context) : NULL;
    X509_LOOKUP *lookup = store ? X509_STORE_add_lookup(store, X509_LOOKUP_file()) : NULL;
    if (!lookup || X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) < 1 || !X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

static inline void reallabor_tls_context_release(void *context) { SSL_CTX_free((SSL_CTX *)context); }

/* Payload bytes that came in on a TCP socket so far; 0 where the kernel (before 4.1) does not tell. The C library's struct
   ends before `tcpi_bytes_received`, and linux/tcp.h does not go with it: 128 is its offset there, which is kernel ABI. */
static inline unsigned long long reallabor_bytes_received(int socket) {
    unsigned char info[136];
    socklen_t size = sizeof info;
    unsigned long long received;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, info, &size) != 0 || size < sizeof info) return 0;
    memcpy(&received, info + 128, sizeof received);
    return received;
}
