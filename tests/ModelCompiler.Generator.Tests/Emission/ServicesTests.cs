using ModelCompiler.Manifests;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>What a predictor offers to a service container, and that programs without one need nothing for it.</summary>
public sealed class ServicesTests : IDisposable
{
    private static readonly ManifestValue[] Inputs = [Tensor("x", 1, 2)];
    private static readonly ModelManifest Echo = Of("echo", Inputs, [Tensor("x_out", 1, 2)]);

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("Logging.Abstractions Options", "")]
    [InlineData("DependencyInjection.Abstractions", "AddEchoPredictor(IServiceCollection, PredictorOptions?)")]
    [InlineData("DependencyInjection.Abstractions Logging.Abstractions", "AddEchoPredictor(IServiceCollection, PredictorOptions?)")]
    [InlineData(
        "DependencyInjection.Abstractions Options Primitives", "AddEchoPredictor(IServiceCollection, PredictorOptions?), AddEchoPredictor(IServiceCollection, Action<PredictorOptions>)")]
    [InlineData(
        "*", "AddEchoPredictor(IServiceCollection, PredictorOptions?), AddEchoPredictor(IServiceCollection, Action<PredictorOptions>), AddEchoPredictorCheck(IHealthChecksBuilder, string)")]
    public void There_is_what_the_referenced_libraries_allow(string libraries, string methods)
    {
        var run = new GeneratorRun([new GeneratorRun.ManifestText("echo", ManifestWriter.Write(Echo))], "", libraries.Split(' ', StringSplitOptions.RemoveEmptyEntries)).AssertCompiles();

        var type = run.Output.GetTypeByMetadataName("My.App.EchoPredictorServices");
        var found = type?.GetMembers().OfType<Microsoft.CodeAnalysis.IMethodSymbol>().Where(method => method.IsExtensionMethod) ?? [];
        Assert.Equal(methods, string.Join(", ", found.Select(method => $"{method.Name}({string.Join(", ", method.Parameters.Select(p => p.Type.ToDisplayString(Microsoft.CodeAnalysis.SymbolDisplayFormat.MinimallyQualifiedFormat)))})")));
    }

    [Fact]
    public void One_for_the_program_which_the_container_disposes() => Assert.Equal(
        "1,2 [1,2] True True",
        Call("""
            {
                var services = new ServiceCollection().AddEchoPredictor(new PredictorOptions { ModelPath = path });
                EchoPredictor first;
                using (var provider = services.BuildServiceProvider())
                using (var scope = provider.CreateScope())
                {
                    first = provider.GetRequiredService<EchoPredictor>();
                    var second = scope.ServiceProvider.GetRequiredService<EchoPredictor>();
                    scope.Dispose();
                    string answer = Show(second.Predict(new float[] { 1, 2 }).XOut);
                    provider.Dispose();
                    bool isDisposed = false;
                    try { first.Predict(new float[] { 1, 2 }); } catch (ObjectDisposedException) { isDisposed = true; }
                    return answer + " " + ReferenceEquals(first, second) + " " + isDisposed;
                }
            }
            """));

    [Fact]
    public void Options_come_from_code_and_from_the_configuration() => Assert.Equal(
        "3 True 7 5",
        Call("""
            {
                int Threads(Action<IServiceCollection> add)
                {
                    int threads = 0;
                    var services = new ServiceCollection();
                    add(services);
                    services.PostConfigure<PredictorOptions>(nameof(EchoPredictor), o => o.ConfigureSession = s => { threads = s.IntraOpThreads; return s; });
                    using var provider = services.BuildServiceProvider();
                    provider.GetRequiredService<EchoPredictor>();
                    return threads;
                }

                var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["Echo:ModelPath"] = path, ["Echo:IntraOpThreads"] = "7", ["Echo:BatchWindow"] = "00:00:00.002", ["Echo:AllowSpinning"] = "true",
                }).Build();
                var bound = settings.GetSection("Echo").Get<PredictorOptions>()!;
                return Threads(services => services.AddEchoPredictor(o => { o.ModelPath = path; o.IntraOpThreads = 3; }))
                    + " " + (bound.AllowSpinning && bound.BatchWindow == TimeSpan.FromMilliseconds(2))
                    + " " + Threads(services => services.AddEchoPredictor().Configure<PredictorOptions>(nameof(EchoPredictor), settings.GetSection("Echo")))
                    + " " + Threads(services => services.Configure<PredictorOptions>(nameof(EchoPredictor), settings.GetSection("Echo")).AddEchoPredictor(o => o.IntraOpThreads = 5));
            }
            """));

    [Fact]
    public void The_log_tells_of_the_model_that_was_opened() => Assert.Equal(
        "Information My.App.EchoPredictor EchoPredictor opened 'PATH' Cpu: used",
        Call("""
            {
                var lines = new List<string>();
                var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(new Lines(lines))).AddEchoPredictor(o => o.ModelPath = path);
                using var provider = services.BuildServiceProvider();
                provider.GetRequiredService<EchoPredictor>();
                return string.Join(" | ", lines.Select(line => System.Text.RegularExpressions.Regex.Replace(line.Replace(path, "PATH"), " in [0-9]+ ms[.]", "")));
            }
            """));

    [Fact]
    public void Health_is_that_of_the_predictor() => Assert.Equal(
        "Healthy Cpu: used; Unhealthy ModelIntegrityException",
        Call("""
            {
                string Health(string model)
                {
                    var services = new ServiceCollection().AddLogging().AddEchoPredictor(o => o.ModelPath = model);
                    services.AddHealthChecks().AddEchoPredictorCheck();
                    using var provider = services.BuildServiceProvider();
                    var entry = provider.GetRequiredService<HealthCheckService>().CheckHealthAsync().GetAwaiter().GetResult().Entries["EchoPredictor"];
                    return entry.Status + " " + (entry.Exception?.GetType().Name ?? entry.Description);
                }

                return Health(path) + "; " + Health(path + "x");
            }
            """));

    private string Call(string body) => GeneratedProgram.Run(_workspace, Echo, GeneratedProgram.Identities(Inputs), body, "", "*");
}
