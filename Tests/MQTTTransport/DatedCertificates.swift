/// Certificates whose dates are the point, all signed by `authority` and for localhost, 127.0.0.1 or the client.
enum DatedCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBsDCCAVWgAwIBAgIUU+SGAqyZ+xTV545zKilkWj7KGlkwCgYIKoZIzj0EAwIw
        LDEqMCgGA1UEAwwhcmVhbGxhYm9yIHRlc3QgYXV0aG9yaXR5IG9mIGRhdGVzMCAX
        DTI2MTEyNTA5NTMxOVoYDzIxMjYxMTAxMDk1MzE5WjAsMSowKAYDVQQDDCFyZWFs
        bGFib3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASwL254aGgxaxF9of9AJ9oWlHtCg57dLPdq5TcvSc2EOXXnGhiTSMg4
        dQyv64J6h7RqRf7nrBNiOjljOTNFpP1xo1MwUTAdBgNVHQ4EFgQUY0ADkPU9b9M2
        WyZRZmO0uEbwDhcwHwYDVR0jBBgwFoAUY0ADkPU9b9M2WyZRZmO0uEbwDhcwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA+VdrUr0GdTueqpQK8rUb
        cvfse0Qyobo4yV7o/hkKfjUCIQCJdy/Eb2GfuO0xOD7UJLtb4C4cEfZOTpbKHSfZ
        54i2tA==
        -----END CERTIFICATE-----
        """

    /// In 2020 only.
    static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBijCCATGgAwIBAgIBATAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwHhcNMjAwMTAxMDAwMDAwWhcNMjEw
        MTAxMDAwMDAwWjASMRAwDgYDVQQDDAdleHBpcmVkMFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAE+Ukkv5bsnqhX3b0R177eMCtUADLB3yemEdktvdT1C00eEq6cw73m
        EHfLegDFDMT+gPLu6sX/MiwbFSfR9B2CsqNeMFwwGgYDVR0RBBMwEYIJbG9jYWxo
        b3N0hwR/AAABMB0GA1UdDgQWBBSOykHmeSKhAebc29E4GWm4N2BZuzAfBgNVHSME
        GDAWgBRjQAOQ9T1v0zZbJlFmY7S4RvAOFzAKBggqhkjOPQQDAgNHADBEAiBwI+MI
        TyTjw5bricPhYGZFkmv1pRLjY84psCegPQ20jQIgJAIogZ6/BMSPZe0/EmMIvGpV
        oSfTNBPtWTv8Lt7h0pg=
        -----END CERTIFICATE-----
        """

    static let expiredKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIFEsSVqjW9wAM12eV2TrEvMexm23MGjuV1ro1PIkfqk5oAoGCCqGSM49
        AwEHoUQDQgAE+Ukkv5bsnqhX3b0R177eMCtUADLB3yemEdktvdT1C00eEq6cw73m
        EHfLegDFDMT+gPLu6sX/MiwbFSfR9B2Csg==
        -----END EC PRIVATE KEY-----
        """

    /// From 2090 on.
    static let future = """
        -----BEGIN CERTIFICATE-----
        MIIBjzCCATSgAwIBAgIBAjAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwIhgPMjA5MDAxMDEwMDAwMDBaGA8y
        MTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGZnV0dXJlMFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAE786hS4NJpq60pFzbiIH4hW37YVvfXb3CDXu+zIDMt3xFXSF/
        PY1PIlun9RpB3vHYqTrmKxxOgFnnPpx7CK+0OKNeMFwwGgYDVR0RBBMwEYIJbG9j
        YWxob3N0hwR/AAABMB0GA1UdDgQWBBSSretTHvuhr1EOwawKNE6fBSKp4jAfBgNV
        HSMEGDAWgBRjQAOQ9T1v0zZbJlFmY7S4RvAOFzAKBggqhkjOPQQDAgNJADBGAiEA
        kxYbY7T/d9jzGv3u+jyKPGMN/QNhirsbh/u1oER+RPQCIQDeDAV3n6TWN7M3HWrU
        6iItxjVGhjCAn2uTfQ1cPFKs1g==
        -----END CERTIFICATE-----
        """

    static let futureKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIMkhzCeoA74PKkdYvolO8eUQQ9zpvBf4+UDfNIOqqWKWoAoGCCqGSM49
        AwEHoUQDQgAE786hS4NJpq60pFzbiIH4hW37YVvfXb3CDXu+zIDMt3xFXSF/PY1P
        Ilun9RpB3vHYqTrmKxxOgFnnPpx7CK+0OA==
        -----END EC PRIVATE KEY-----
        """

    /// 2020 to 2120.
    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBijCCATGgAwIBAgIBAzAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
        MDAxMDEwMDAwMDBaMBAxDjAMBgNVBAMMBWRhdGVkMFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAEiyw8qS0o24rtYeey+bHhhJ49S58U4MONVmdQcp3Fv1DfTfuqc9ek
        QQBobUlDsPlvKICfRv0Ny6uEbD2SRzVrmqNeMFwwGgYDVR0RBBMwEYIJbG9jYWxo
        b3N0hwR/AAABMB0GA1UdDgQWBBR8pA3XjvvHSLXwsSq6/ZMoNdyq9jAfBgNVHSME
        GDAWgBRjQAOQ9T1v0zZbJlFmY7S4RvAOFzAKBggqhkjOPQQDAgNHADBEAiBnlRgt
        /dkFY9J7R+MLHaUu5IleSO+6vOtPT2KeUBHMfwIgfKdRs48OPAWWyZ7jr0yIS9Fp
        adGJyGlo9w1O7U5BcF0=
        -----END CERTIFICATE-----
        """

    static let serverKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIJIwtawjn602Zd6qg6PEmBzOX7ZXo7mjwiKiaLuZDFoSoAoGCCqGSM49
        AwEHoUQDQgAEiyw8qS0o24rtYeey+bHhhJ49S58U4MONVmdQcp3Fv1DfTfuqc9ek
        QQBobUlDsPlvKICfRv0Ny6uEbD2SRzVrmg==
        -----END EC PRIVATE KEY-----
        """

    /// Signed by itself, with `serverKey`.
    static let selfSigned = """
        -----BEGIN CERTIFICATE-----
        MIIBiDCCAS6gAwIBAgIUQB9VKwn+AW/CeBIRQfWEm806i0AwCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFYWxvbmUwIBcNMjYxMTI1MDk1MzE5WhgPMjEyNjExMDEwOTUz
        MTlaMBAxDjAMBgNVBAMMBWFsb25lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        iyw8qS0o24rtYeey+bHhhJ49S58U4MONVmdQcp3Fv1DfTfuqc9ekQQBobUlDsPlv
        KICfRv0Ny6uEbD2SRzVrmqNkMGIwHQYDVR0OBBYEFHykDdeO+8dItfCxKrr9kyg1
        3Kr2MB8GA1UdIwQYMBaAFHykDdeO+8dItfCxKrr9kyg13Kr2MA8GA1UdEwEB/wQF
        MAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNIADBFAiAHNj3An2jM
        4MlHs+XeK+CfkWN9VZ8X1YGzFB/ryYE4ZAIhAMXMzdmNQIWH4zgeTuIg8cL0ODKk
        oHUY5VpeelZQiXEE
        -----END CERTIFICATE-----
        """

    /// 2020 to 2120.
    static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBgjCCASegAwIBAgIBBDAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
        MDAxMDEwMDAwMDBaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABJT/FIfnYKZ5S/mW17KVjCfnDPe4zWDAn41EOAt0P5TlSP3H/xWa
        yvSiGvbr+SD3zTU6z0zlM60Ec1L6xXv5YDOjUzBRMA8GA1UdEQQIMAaCBG5vZGUw
        HQYDVR0OBBYEFIXh6J7k8F/3J/XTq8RD/fM26avPMB8GA1UdIwQYMBaAFGNAA5D1
        PW/TNlsmUWZjtLhG8A4XMAoGCCqGSM49BAMCA0kAMEYCIQDobx1/RYIny8XCv9U3
        xhq/+eDTWZn5bPlOwqHragjvYgIhANarYKwZ6/y/VYAQuVkRooPtQlmlMrhDsmff
        j6BlHjr/
        -----END CERTIFICATE-----
        """

    static let clientKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIMI+C6PEI3ThaYTuiCgvzqzi1xl8KRflpmE5JEz0Be2ZoAoGCCqGSM49
        AwEHoUQDQgAElP8Uh+dgpnlL+ZbXspWMJ+cM97jNYMCfjUQ4C3Q/lOVI/cf/FZrK
        9KIa9uv5IPfNNTrPTOUzrQRzUvrFe/lgMw==
        -----END EC PRIVATE KEY-----
        """

    /// In 2020 only.
    static let expiredClient = """
        -----BEGIN CERTIFICATE-----
        MIIBhjCCASygAwIBAgIBBTAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgZGF0ZXMwHhcNMjAwMTAxMDAwMDAwWhcNMjEw
        MTAxMDAwMDAwWjAYMRYwFAYDVQQDDA1jbGllbnRleHBpcmVkMFkwEwYHKoZIzj0C
        AQYIKoZIzj0DAQcDQgAEYCc404edLXy3qHd3SC91NqdF6X0Q7h/mq4zcjKGXCgGA
        +X0AqXgsF/SeX/wMtgtVqKeHI0d1wMiEvxEUKDZKsqNTMFEwDwYDVR0RBAgwBoIE
        bm9kZTAdBgNVHQ4EFgQU+4ppzLoK2KpgR3I3WsYaCTYRjfwwHwYDVR0jBBgwFoAU
        Y0ADkPU9b9M2WyZRZmO0uEbwDhcwCgYIKoZIzj0EAwIDSAAwRQIhAIBYOtK3lOPZ
        sbCX4svPx7XreTQeuaSQUJgvSgFUgawlAiB+J/+zPrq3N8RndKb1VFs3Bm7x3ECP
        lvTPhkvNByS4jA==
        -----END CERTIFICATE-----
        """

    static let expiredClientKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIAJ7QO90sstG96mdgFTl3rOqN7yzPQ+x5furrUA4QdmMoAoGCCqGSM49
        AwEHoUQDQgAEYCc404edLXy3qHd3SC91NqdF6X0Q7h/mq4zcjKGXCgGA+X0AqXgs
        F/SeX/wMtgtVqKeHI0d1wMiEvxEUKDZKsg==
        -----END EC PRIVATE KEY-----
        """
}
