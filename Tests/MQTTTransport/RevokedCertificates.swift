/// An authority with the lists it gave out, one before and one after the certificate of `server` was revoked; all last for a lifetime.
enum RevokedCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBrjCCAVWgAwIBAgIUAId2oh5XyHZePKExJ1Hlq5jZ6WwwCgYIKoZIzj0EAwIw
        LDEqMCgGA1UEAwwhcmVhbGxhYm9yIHRlc3QgYXV0aG9yaXR5IG9mIGxpc3RzMCAX
        DTI2MTEyOTIxMzc1OFoYDzIxMjYxMTA1MjEzNzU4WjAsMSowKAYDVQQDDCFyZWFs
        bGFib3IgdGVzdCBhdXRob3JpdHkgb2YgbGlzdHMwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATioQKVqGOxjR3V+AySYwcGFTk08UjiZJ59HNgQToBL2K9abJGV7cNO
        JsM1P6rS+O9f4r8ltHOAn28NAH/MH3nho1MwUTAdBgNVHQ4EFgQU8eCz+gAzX8Ar
        rzcX3x/o8FxeiAQwHwYDVR0jBBgwFoAU8eCz+gAzX8ArrzcX3x/o8FxeiAQwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBvnHAn2AEsS2Epa61jj7IV
        l9CZPbjx9zSKc+gNZYQqugIgbD7C8ZO1iTZVHMDM/F9VRWsaZOybppBYTS7w1PEM
        xfs=
        -----END CERTIFICATE-----
        """

    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBjjCCATWgAwIBAgIBATAKBggqhkjOPQQDAjAsMSowKAYDVQQDDCFyZWFsbGFi
        b3IgdGVzdCBhdXRob3JpdHkgb2YgbGlzdHMwIBcNMjYxMTI5MjEzNzU4WhgPMjEy
        NTA2MjMyMTM3NThaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABHPpuywfpk1R8EeHh7+qVqkxbXz9FQfvn/hhpX27QPwwRWZs
        i3/HFMXgRZh43Yqh3D9xtmMTihBwGA9xSU39+lajXjBcMBoGA1UdEQQTMBGCCWxv
        Y2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUcR0MJ6Ie50TCchue8G5oXuyLhdwwHwYD
        VR0jBBgwFoAU8eCz+gAzX8ArrzcX3x/o8FxeiAQwCgYIKoZIzj0EAwIDRwAwRAIg
        ZA2O3HiogU+aLavtDiDAXEh9esMQ5fk3jWPNYfgckVACIGyrXMZ+7wNMe/6tWdut
        naJ98+PqcsFh0JTPvOxqfPWm
        -----END CERTIFICATE-----
        """

    static let serverKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIIhdvQRDbcy2FbwaWQNUU6kDVG1vqAfme3KzOxCCkOb/oAoGCCqGSM49
        AwEHoUQDQgAEc+m7LB+mTVHwR4eHv6pWqTFtfP0VB++f+GGlfbtA/DBFZmyLf8cU
        xeBFmHjdiqHcP3G2YxOKEHAYD3FJTf36Vg==
        -----END EC PRIVATE KEY-----
        """

    static let emptyList = """
        -----BEGIN X509 CRL-----
        MIGzMFowCgYIKoZIzj0EAwIwLDEqMCgGA1UEAwwhcmVhbGxhYm9yIHRlc3QgYXV0
        aG9yaXR5IG9mIGxpc3RzFw0yNjExMjkyMTM3NThaGA8yMTI1MDYyMzIxMzc1OFow
        CgYIKoZIzj0EAwIDSQAwRgIhAMsoveRNpiizpGx4oMbptWy1eoBHnpMekxzvz5IL
        tI8qAiEAgHjI2uCswF70NWb5PrYlxU+8EdxnDXqZlQeyGms2kX0=
        -----END X509 CRL-----
        """

    static let listWithServer = """
        -----BEGIN X509 CRL-----
        MIHIMHAwCgYIKoZIzj0EAwIwLDEqMCgGA1UEAwwhcmVhbGxhYm9yIHRlc3QgYXV0
        aG9yaXR5IG9mIGxpc3RzFw0yNjExMjkyMTM3NTlaGA8yMTI1MDYyMzIxMzc1OVow
        FDASAgEBFw0yNjExMjkyMTM3NThaMAoGCCqGSM49BAMCA0gAMEUCIHnxm3KmZPBc
        QfVM+8ZUTaJHadcL9TPlyFKfo2fGVxRzAiEA0Ma/CSar0qJeVp+9A7fHLxhr6Bip
        s+U08ucT6DByCH8=
        -----END X509 CRL-----
        """

    static let encryptedKey = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,18DF2484F39BDE516C9376908A41FDBD

        oYaUPhppPkigUIWI63OEcPqwyOVBkRCekRPZYY4puqeMX3NdIQNwgPOgsI12YFaA
        6PHq9NDXP1UxHa/itcETvga+cJH5krv6F5sJo5qS5qpaiReFQC5HMd+4awXXsxz3
        RiBYfCHSBRlobStmXTd8dbRiQctuWbF+KL2Y167m074=
        -----END EC PRIVATE KEY-----
        """

    static let encryptedKeyPKCS8 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiALtlenMItngICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBqms+r1rYE2zDqQT3KDpJoEgZB7
        E1BhIwpufSKBkBtAFhjQLUERcwv1d4MCp9LSOADSU84e47krSMUPxlK5F4KdLb5a
        8iqYgUq9R4iw6iPRmIVK1CPkgwE8qy2Mm3GtusGuyy2DwdwW3QkOE0It+Zp/atTg
        40cojk23VQV4HpsA+TyMUbqqO9mTOZ+S+ONjMKdCQ5XjqKZWW5kValc/33ji9/g=
        -----END ENCRYPTED PRIVATE KEY-----
        """
}
