// Keys of these tests alone, made with `openssl genpkey`.
enum TestKeys {
  /// RSA, 2,048 bits.
  static let rsa = """
    -----BEGIN PRIVATE KEY-----
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC4bu1GW5wp6bzT
    2XExaSP4miVcKMwfloKkqZMvXk5180UaCv2+tHWuaibHgQ6DEd8HzMW4GuVGG8sh
    2/ha11kUjMWttDDSIQ+2DDcEOm88NikoTuZMu8eCNc4AcMZYHDtH6AzIKyMIy6G4
    2WMq9Hw7KfejfF+sBm02QJNFscmfukinMMzIvxhbSbSV512WoKsVOGidN88Twqak
    FjGc8Y8h9ujvyemb6++9w6BlvLgPXzqVdwYZAP8W5JX1533DH8h+xPF3ksb9lsgx
    l3x431iOK2JZ9yLsI37jwKejn/Eg6fEJMbLKBVSQE+OfH3CEo/E/YTGj5y/C/5Jk
    oq9cTLmvAgMBAAECggEARqW3HgxZdXSjcEMKqPKtZL0nMnYuOqtcv9Z1Gt/1Dhlx
    jthG+pYFvhnLYQB+npZp6IL3+d3TlVdwKDgqmiGDbeu+jRtI2DTx37ouGOCJW3cj
    rN0MOrhzY91YW7LXR0kJLDInM0XS1buq5zPeWMXuEHuy8FzkCPEtRGrX/wprQVNj
    WIy0LM6hG1asNU6uiQOStTZULqXSNniSl4rjNCHaw5C5Is7PBFUQcVs+fkP/ylC1
    a/BPUbt/ydcjOFfUZ7oMVJG8vpwLqdCY7UuKw5FC73kVASes6RBzRzkl7xfiXgXJ
    5YiQj95/uc2fOn6OJVpaJKqzp1nbJgtZ/DZADctJAQKBgQDnEoK4AHMoPNy0tVJh
    JoWdkn0LBZgGBJhG7BGP8MIPIwmzCsFOrIyzxQ7L77p2bUFi0yMXi2zHgj7KZD+2
    VxZCaitBCNzd5FN5rQkCgyJjGFE1SbUd9vbH+aBhQQAqe/UYNNmzYQ09u/kpmSuL
    tUZN3VRoKXxezdzN7ntdltL0BwKBgQDMVGTa7SR5ZiMsdhb8hcjc9lIxprI2vc0d
    zO2t63DGluAw9ry3dMvZ2JuKnXfqW/O/+MPoqI2s1tIKt7jxr3BGIqbkUG+lfXtn
    /hDsWFP61lI3kIlXLvXt/Bw5kxryoz3cywS5KileNWAkKJDETRORcf2HNrsQ6vQa
    XtGypd6zGQKBgF/cOgaDiUKEHTuKjWZoSL4Z624LIAo/Fb02agLA6oDFFF0GdTNi
    OezKL11DUqOWp62L0d8OpE4QJmRoOlY2wrFCwjb0qkwTUN4Ffttf84AQsn/c2Bpa
    Pf6v/GzcPmlhi0hDhJz6Ajg+Jxuuw3Xt+gCLdVzQ+RuLY7K64Mruqw05AoGAIrA5
    JwmXZZy3X/b0VA6KWSjgL1mza6OxTNvbhekwjiZTDTz2MNb9PJCPZ2rwTrMpoG+l
    IrxqwOr/YZ5rIWy9TMrZNm2JZrj02GTDjrw4FZ+I+bHp/wkT60EfsY6Nxp98Ax3c
    QWss9rdtCPZyDUFgjxKhDfF2tJqOsmNiikeqlRECgYAaeg7fAvK8D51uFfA1rhlm
    C0uvDiwI80WKvUPBXaAujLNiz0kI6/7gqZt8aKbFfZK2yS0SjT7YB6d/Z/DyMG3/
    QSJJ/BukAHidM7K9r+KIHtsdR6iR8DSMXyV3ujnwBDLktu320ujjdu3tHzzkQlHn
    7TewMQGuuj/6QWNPY07LsA==
    -----END PRIVATE KEY-----
    """

  /// Its public key.
  static let rsaPublic = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuG7tRlucKem809lxMWkj
    +JolXCjMH5aCpKmTL15OdfNFGgr9vrR1rmomx4EOgxHfB8zFuBrlRhvLIdv4WtdZ
    FIzFrbQw0iEPtgw3BDpvPDYpKE7mTLvHgjXOAHDGWBw7R+gMyCsjCMuhuNljKvR8
    Oyn3o3xfrAZtNkCTRbHJn7pIpzDMyL8YW0m0leddlqCrFThonTfPE8KmpBYxnPGP
    Ifbo78npm+vvvcOgZby4D186lXcGGQD/FuSV9ed9wx/IfsTxd5LG/ZbIMZd8eN9Y
    jitiWfci7CN+48Cno5/xIOnxCTGyygVUkBPjnx9whKPxP2Exo+cvwv+SZKKvXEy5
    rwIDAQAB
    -----END PUBLIC KEY-----
    """

  /// RSA, 1,024 bits.
  static let small = """
    -----BEGIN PRIVATE KEY-----
    MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALscnoIAGxolwsb8
    5IUYvlFk9k08+sGx6wzo1OyQtF8aMH90mNm5gPmtLm7mlfjQ7dj2HSQviTeRPQU6
    snZ2qBQ5JxE7H8Q8waM/cPGR2bjOXZuGSdxyq69BgeMkOGvFN0E20ZJotcAyuQ4A
    U3gLQDKb1zs4ZFH/2WtjoxFWv9EBAgMBAAECgYAshwcBkNziQBI2IICRW+4OmKQ0
    hUp3RcvV6qKhGV6TMzxPWIP3bDnRMPFX2u/donq3ovoUXmudGacX03wczOf6X3CD
    9Mu31iWNYJrKfZwiWWME523m3b7iTX+nGFfqXMFKEswkaDsytG1JTIcL5+d4OmT8
    gJSZ6CRJ0wk7UWzwQQJBAPA/gBGWvp0Nc61NvxKoFrqAhxWAQCErdqIf96J5CQrU
    8kMUtQNrmGBrPBV49+8BsUyuuojHbKVzET9cz90b3k0CQQDHYT2wiHx/5xQXKFVa
    xr4neQuaK+2smvFxdJ9o0Fi8sBEJCknbN7kg5YboBkmADeqHNcifDIoCxrShGwOl
    wh+FAkAV9zhWY1n6Mgiph7o4knXBh47SQG+cmMS3/gQ+LqLNArtDttj1/xhneGZ9
    8Bl7GMSFJlSXvOQKHIMvL+UxaiLhAkA6sCHzg8l58LAWPPYa+WNhxRyoLgQRCa7G
    YbjGpoVoTT9GdPPWhmmFCGsUgz1BZ1dAo5FBV/SL6qeiwIvrT9/tAkEA7NkHz4+s
    FcXNcXd7ughYuK1HpjHd9IDPblYmvwezbK5Ve01cx4UT23BbjBlhK4ImafdKl2Nk
    TNRmDCK/s4Qtkg==
    -----END PRIVATE KEY-----
    """

  /// P-256.
  static let p256 = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtpcMLCZS//UfaISP
    H3l3p/zC0LA7gswpkzU/BRv8mHahRANCAAQdBIRe3ZAqJHFHFElc5ZIkDtKFRErq
    CRhWigQHQ2ZB1Nf3a04xWQiI0sPfVHMHaFfGLgCOqYHzjKeY5r0h4dw8
    -----END PRIVATE KEY-----
    """

  /// Its public key.
  static let p256Public = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHQSEXt2QKiRxRxRJXOWSJA7ShURK
    6gkYVooEB0NmQdTX92tOMVkIiNLD31RzB2hXxi4AjqmB84ynmOa9IeHcPA==
    -----END PUBLIC KEY-----
    """

  /// A certificate of it.
  static let p256Certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBcDCCARWgAwIBAgIUToT9dwPva3Xzw7w/0wIXxBwrlvUwCgYIKoZIzj0EAwIw
    DDEKMAgGA1UEAwwBdDAgFw0yNjExMzAxMDQ0NTBaGA8yMTI2MTEwNjEwNDQ1MFow
    DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB0EhF7dkCok
    cUcUSVzlkiQO0oVESuoJGFaKBAdDZkHU1/drTjFZCIjSw99UcwdoV8YuAI6pgfOM
    p5jmvSHh3DyjUzBRMB0GA1UdDgQWBBQe1xwE4Ix275RIQrClR2OdVgJuejAfBgNV
    HSMEGDAWgBQe1xwE4Ix275RIQrClR2OdVgJuejAPBgNVHRMBAf8EBTADAQH/MAoG
    CCqGSM49BAMCA0kAMEYCIQDcJkrM8v1cZ63TInDsIS71MnCnAoN0tgvtIUqy+79c
    GQIhAKCjEaenaTj1E3dzd62LLbSEbDKnU1RUelceACChKlSR
    -----END CERTIFICATE-----
    """

  /// It under a passphrase.
  static let p256Locked = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgcXL5a7ARzWAICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBk6eY/lB6QijcnRQi649NUEgZD5
    a/q4ZJ8JT0S40L5iaqtOVURzZruasLAL6WxLwLjj/wUsW9Vd7HyUNV6blB2l9aLO
    MiXQEwyQy5qqMGKgPohStiqSyaYMmGQx46IvgOMng5WgKoGi1kUO9T5IARVE5fTM
    g0kaRAyG7nCwWICSVAtQQ7VmXTYaEifbZ69w1ALjbnyXo3KVcIswZHoup57j2eU=
    -----END ENCRYPTED PRIVATE KEY-----
    """

  /// P-384.
  static let p384 = """
    -----BEGIN PRIVATE KEY-----
    MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCChMCMuBEoRAwJLkA/
    v7RZ0GIPCbUHPF5Myi4bOvaD5/xQL6VwkycEx9ABYYegDb6hZANiAAR+GVsovv9i
    PEmXtTytABxcy4jgpbA2YYnUX3MdrO/w+YZbpZE5PVWTmMGcb6U5KWDJnTaV12D5
    /0QeuS9o/gEGti/IWEVGZXy++7GCKtw+FHQQEbC5M0Mh9oYqP4RUg/0=
    -----END PRIVATE KEY-----
    """

  /// Its public key.
  static let p384Public = """
    -----BEGIN PUBLIC KEY-----
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEfhlbKL7/YjxJl7U8rQAcXMuI4KWwNmGJ
    1F9zHazv8PmGW6WROT1Vk5jBnG+lOSlgyZ02lddg+f9EHrkvaP4BBrYvyFhFRmV8
    vvuxgircPhR0EBGwuTNDIfaGKj+EVIP9
    -----END PUBLIC KEY-----
    """

  /// P-521.
  static let p521 = """
    -----BEGIN PRIVATE KEY-----
    MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBzd9CW2Rst0Ds9xDH
    r+K+Q2fOijM+nXdBNOeXkaIVTnJGOgBGLumJ0slPxq/fwejqEHiCMkKog8P9u1cA
    qLGd0z2hgYkDgYYABAAlDfCXWfPG18SB3UedRUepVFUJXpKvcqHpvfR2ytP1Lh6i
    C+IVv/4aVi0Ftk7TSY5NbZb/4cH2eej5d9B2NT+EHwFjhI9UfEODAnUxcOzrVoX5
    AG/KCN89nAWU5Mvjo5LeU0fjIbPGzCq94ycpj9wUs4kVoo9WerJ3J/w5k0t9aY1d
    rw==
    -----END PRIVATE KEY-----
    """

  /// Its public key.
  static let p521Public = """
    -----BEGIN PUBLIC KEY-----
    MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAJQ3wl1nzxtfEgd1HnUVHqVRVCV6S
    r3Kh6b30dsrT9S4eogviFb/+GlYtBbZO00mOTW2W/+HB9nno+XfQdjU/hB8BY4SP
    VHxDgwJ1MXDs61aF+QBvygjfPZwFlOTL46OS3lNH4yGzxswqveMnKY/cFLOJFaKP
    Vnqydyf8OZNLfWmNXa8=
    -----END PUBLIC KEY-----
    """

  /// Another curve.
  static let secp256k1 = """
    -----BEGIN PRIVATE KEY-----
    MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg9XEkDwylRjD5VUmzIuot
    2b5x4RlMeiJi1CtTw9DfRDKhRANCAAQd1/PCEHQvVMadgL0P4Jvk8gThI1EHtr47
    57Mg/P8WOroqSM68yofdymlRxoqrkzPJ45cWg7cAaFdFt8TFeioa
    -----END PRIVATE KEY-----
    """

  /// Ed25519.
  static let ed25519 = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEINZVv4tgSxDouTWcvqk6g8GQuqw+34Xuc0EMFWK+74cm
    -----END PRIVATE KEY-----
    """

  /// Its public key.
  static let ed25519Public = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEA37XM27//orwQG8YnmbcG5iE4cBr3wwqX4tZocfLz5lg=
    -----END PUBLIC KEY-----
    """

  static let secret = Array("a secret of this test, of 32 bytes".utf8)
  static let longSecret = secret + secret + secret
}
