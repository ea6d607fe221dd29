# Upstream's files as the sandbox gets them: Keycloak's distribution at Maven Central, under the path of upstream's image.
ARG BUILD_BASE=debian:trixie-slim
FROM ${BUILD_BASE} AS distribution
LABEL openhaven.stage=build
ENV DEBIAN_FRONTEND=noninteractive VERSION=26.5.6
# Maven trusts what Java trusts, and Java what this machine does.
RUN mkdir -p /usr/local/share/ca-certificates /usr/share/man/man1 \
 && if [ -n "${SSL_CERT_FILE:-}" ]; then cd /usr/local/share/ca-certificates && csplit -s -z -f ca- -b %04d.crt "$SSL_CERT_FILE" '/BEGIN CERTIFICATE/' '{*}'; fi \
 && apt-get update --error-on=any && apt-get install -y --no-install-recommends openjdk-21-jre-headless maven unzip ca-certificates-java \
 && update-ca-certificates --fresh >/dev/null
RUN mvn -q -B dependency:copy -Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip -DoutputDirectory=/tmp \
 && unzip -q /tmp/keycloak-quarkus-dist-${VERSION}.zip -d /opt && mv /opt/keycloak-${VERSION} /opt/keycloak

FROM scratch
COPY --from=distribution /opt/keycloak /opt/keycloak
