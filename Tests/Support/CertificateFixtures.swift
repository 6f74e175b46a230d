/// Passwords, keys and certificates of the tests' own brokers. They protect nothing.
package enum Fixtures {
    /// User "node", password "right", written by mosquitto_passwd 2.0.11.
    package static let passwordFile =
        "node:$7$101$ollIIpoxikn0r/To$Eo1LUIrOHbg53cLzecVhg9LBMePqNfeuu53Rf0LE9F58XxpREvbII7pLcjePxsNIph+YDchmiEFbHKcKXXBYzA==\n"

    /// Signed both server certificates.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBnjCCAUOgAwIBAgIUI0NYg29ZDupXraEw42uwVWGJtLAwCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYcmVhbGxhYm9yIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMzE1
        MjEzOVoYDzIxMjYxMDMwMTUyMTM5WjAjMSEwHwYDVQQDDBhyZWFsbGFib3IgdGVz
        dCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS8OpuF4UYbMHT8
        FOWFqj/YHl8SzxXlDju1GnXVWA0T9OGv9+ZopFGLRItBR8bHTR114tpYqT/2ejQN
        qwrWm/ECo1MwUTAdBgNVHQ4EFgQUdYJCclExv3mwaSRrcg+K+10asOQwHwYDVR0j
        BBgwFoAUdYJCclExv3mwaSRrcg+K+10asOQwDwYDVR0TAQH/BAUwAwEB/zAKBggq
        hkjOPQQDAgNJADBGAiEAtWJ+CcX9i6Q/D1P5GtFr6wL2J+GGNg9fW+T+XNRVOAQC
        IQCL72THA79D1tUNnzGeSPYOb/VIbk+ErUDeDE2Na8mOnw==
        -----END CERTIFICATE-----
        """

    /// Signed none of them.
    package static let foreignAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBjzCCATWgAwIBAgIUS4E22sp/q8b7dKPb+luCeaK6i+QwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIzMTUyMTQwWhgP
        MjEyNjEwMzAxNTIxNDBaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdtH4U9EfZxPIHKV9xD+boHnWJIneZxKs
        rO1BD+44XCmKaoesBZ9YwlT0P1D7gPUxtoPNJD15ZpuHhTZUVPUuvKNTMFEwHQYD
        VR0OBBYEFGhEXm07+LSmwRAsFTKjaeUx+6BkMB8GA1UdIwQYMBaAFGhEXm07+LSm
        wRAsFTKjaeUx+6BkMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIh
        AMLMbrzWXJCD9O1zk/cwQ7TLcD8qaZzzKa71VbbNWLC/AiAMxOZZjn6tMG6442Pq
        z38sNuzfEGAhEmVRMoxIBUwetA==
        -----END CERTIFICATE-----
        """

    /// For localhost and 127.0.0.1, valid for a hundred years.
    package static let serverCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlzCCATygAwIBAgIUTgbu8POE5oPuS/A4TCO9LXQ1Qb0wCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYcmVhbGxhYm9yIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMzE1
        MjEzOVoYDzIxMjYxMDMwMTUyMTM5WjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAATjitqPi6lxHbuF2QmdDI/32V3bVg/TIV/ahdur
        VFltHZGRb7qBAi7Akkt9mRAGcd1uRZ4hWzp4GO8NswcCrlQjo14wXDAaBgNVHREE
        EzARgglsb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFG/2i70DOfLHO5rLOQUJn/5C
        FYzPMB8GA1UdIwQYMBaAFHWCQnJRMb95sGkka3IPivtdGrDkMAoGCCqGSM49BAMC
        A0kAMEYCIQCmqFswXSASSETwWJ8CF89V4SmF4/+xFe3I9NvgMQgkxgIhAPjsOf6s
        CqS6BdBB5WHooO4U8VdTk5CJlBhG8srXajK0
        -----END CERTIFICATE-----
        """

    package static let serverKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEINQ6srjHwZaAlK/BfMXgjh1FqVDKI318lwZkxROnZd+5oAoGCCqGSM49
        AwEHoUQDQgAE44raj4upcR27hdkJnQyP99ld21YP0yFf2oXbq1RZbR2RkW+6gQIu
        wJJLfZkQBnHdbkWeIVs6eBjvDbMHAq5UIw==
        -----END EC PRIVATE KEY-----
        """

    /// For other.example only.
    package static let otherCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBkzCCATmgAwIBAgIUTgbu8POE5oPuS/A4TCO9LXQ1Qb4wCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYcmVhbGxhYm9yIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMzE1
        MjE0MFoYDzIxMjYxMDMwMTUyMTQwWjAQMQ4wDAYDVQQDDAVvdGhlcjBZMBMGByqG
        SM49AgEGCCqGSM49AwEHA0IABGp+Do35er2t0Mngv3cO17dLJMz9x8LRARsKraIg
        zsyAv9ppvGHc3Ctnrwu8OlsxL4S+N3rZeh2rOtIlV5nswjWjXDBaMBgGA1UdEQQR
        MA+CDW90aGVyLmV4YW1wbGUwHQYDVR0OBBYEFFhR4f8xDvz0P7hOW4l5n1lVH4zi
        MB8GA1UdIwQYMBaAFHWCQnJRMb95sGkka3IPivtdGrDkMAoGCCqGSM49BAMCA0gA
        MEUCIQCGeTCe57wHs+FMKFdfRg0IKFweiT5LMi7lnraZLgtR8QIgPth/noA9znqA
        zua9EWCBeN2UMqqPDk+Jnj0qoiONClM=
        -----END CERTIFICATE-----
        """

    package static let otherKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIK6k+B1JIRpZiHfFUC0A5Np+Os10vGtug2aThfZWg+IwoAoGCCqGSM49
        AwEHoUQDQgAEan4Ojfl6va3QyeC/dw7Xt0skzP3HwtEBGwqtoiDOzIC/2mm8Ydzc
        K2evC7w6WzEvhL43etl6Has60iVXmezCNQ==
        -----END EC PRIVATE KEY-----
        """
}
