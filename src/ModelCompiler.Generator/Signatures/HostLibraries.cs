using Microsoft.CodeAnalysis;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// Which libraries the program references: what predictors offer to a service container, and overloads for tensors, are only emitted where the types
/// are there, so that no program needs packages for it.
/// </summary>
/// <param name="Services">Microsoft.Extensions.DependencyInjection.Abstractions.</param>
/// <param name="Options">Microsoft.Extensions.Options.</param>
/// <param name="Logging">Microsoft.Extensions.Logging.Abstractions.</param>
/// <param name="HealthChecks">Microsoft.Extensions.Diagnostics.HealthChecks.</param>
/// <param name="Tensors">System.Numerics.Tensors.</param>
internal readonly record struct HostLibraries(bool Services, bool Options, bool Logging, bool HealthChecks, bool Tensors)
{
    private const string Extensions = "Microsoft.Extensions.";

    public static HostLibraries Of(Compilation compilation)
    {
        bool HasType(string type) => compilation.GetTypeByMetadataName(type) is { DeclaredAccessibility: Accessibility.Public };
        bool Has(string type) => HasType(Extensions + type);
        return new HostLibraries(
            Has("DependencyInjection.ServiceCollectionServiceExtensions"),
            Has("DependencyInjection.OptionsServiceCollectionExtensions"),
            Has("Logging.LoggerExtensions"),
            Has("DependencyInjection.IHealthChecksBuilder"),
            HasType("System.Numerics.Tensors.ReadOnlyTensorSpan`1"));
    }
}
