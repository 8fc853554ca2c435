using Microsoft.CodeAnalysis;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// Which libraries of a host the program references: what predictors offer to a service container is only emitted where its types are there, so
/// that no program needs packages for it.
/// </summary>
/// <param name="Services">Microsoft.Extensions.DependencyInjection.Abstractions.</param>
/// <param name="Options">Microsoft.Extensions.Options.</param>
/// <param name="Logging">Microsoft.Extensions.Logging.Abstractions.</param>
/// <param name="HealthChecks">Microsoft.Extensions.Diagnostics.HealthChecks.</param>
internal readonly record struct HostLibraries(bool Services, bool Options, bool Logging, bool HealthChecks)
{
    private const string Extensions = "Microsoft.Extensions.";

    public static HostLibraries Of(Compilation compilation)
    {
        bool Has(string type) => compilation.GetTypeByMetadataName(Extensions + type) is { DeclaredAccessibility: Accessibility.Public };
        return new HostLibraries(
            Has("DependencyInjection.ServiceCollectionServiceExtensions"),
            Has("DependencyInjection.OptionsServiceCollectionExtensions"),
            Has("Logging.LoggerExtensions"),
            Has("DependencyInjection.IHealthChecksBuilder"));
    }
}
