using System.Reflection;
using System.Security.Cryptography;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>A program of a few words around a generated predictor, compiled and run.</summary>
internal static class GeneratedProgram
{
    /// <summary>Compiles an expression over the predictor <c>p</c> of a model and gives its value.</summary>
    /// <param name="workspace">Where the model is written.</param>
    /// <param name="manifest">The manifest; its files are those of the model, and its name is <c>echo</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="expression">C# of type string; a body in braces may return it.</param>
    /// <param name="options">Initializers of the predictor's options.</param>
    /// <param name="hostLibraries">See <see cref="GeneratorRun"/>.</param>
    public static string Run(Workspace workspace, ModelManifest manifest, byte[] model, string expression, string options = "", params string[] hostLibraries)
    {
        string path = workspace.PathOf("echo.onnx");
        File.WriteAllBytes(path, model);
        manifest = manifest with { Model = new ManifestFile("echo.onnx", model.Length, Convert.ToHexStringLower(SHA256.HashData(model))) };
        string body = expression.StartsWith('{') ? expression : $"return {expression};";
        var run = new GeneratorRun([new GeneratorRun.ManifestText("echo", ManifestWriter.Write(manifest))], UserCode(body, options, hostLibraries.Except([GeneratorRun.TensorLibrary]).Any()), hostLibraries).AssertCompiles();
        return (string)Assembly.Load(run.Image).GetType("My.App.Caller")!.GetMethod("Call")!.Invoke(null, [path])!;
    }

    /// <summary>A model that gives each input back as <c>name_out</c>.</summary>
    public static byte[] Identities(params ManifestValue[] inputs)
    {
        var model = new OnnxModel();
        foreach (var input in inputs)
        {
            var type = TypeOf(input);
            model.Input(input.Name, type);
            model.Output(input.Name + "_out", type);
            model.Node("Identity", [input.Name], [input.Name + "_out"]);
        }

        return model.Build();
    }

    private static ProtoWriter TypeOf(ManifestValue value)
    {
        object[]? shape = value.Shape?.Select(dimension => dimension.Value ?? (object)(dimension.Symbol ?? "")).ToArray();
        var tensor = OnnxModel.TensorType(Enum.Parse<TensorElementType>(value.ElementType.ToString()), shape);
        return value.Kind switch
        {
            ManifestValueKind.Sequence => OnnxModel.SequenceType(tensor),
            ManifestValueKind.Optional => OnnxModel.OptionalType(tensor),
            ManifestValueKind.OptionalSequence => OnnxModel.OptionalType(OnnxModel.SequenceType(tensor)),
            _ => tensor,
        };
    }

    private const string HostUsings = """
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Diagnostics.HealthChecks;
        using Microsoft.Extensions.Logging;
        """;

    private const string HostTypes = """
        namespace My.App
        {
            internal sealed class Lines(List<string> lines) : ILoggerProvider
            {
                public ILogger CreateLogger(string categoryName) => new Line(lines, categoryName);

                public void Dispose()
                {
                }

                private sealed class Line(List<string> lines, string category) : ILogger
                {
                    public IDisposable? BeginScope<TState>(TState state)
                        where TState : notnull => null;

                    public bool IsEnabled(LogLevel logLevel) => true;

                    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                        lines.Add(logLevel + " " + category + " " + formatter(state, exception));
                }
            }
        }
        """;

    private static string UserCode(string body, string options, bool hasHost) => $$"""
        {{(hasHost ? HostUsings : "")}}
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Threading.Tasks;
        using ModelCompiler.Runtime;

        {{(hasHost ? HostTypes : "")}}
        namespace My.App
        {
            internal static class Caller
            {
                public static string Call(string path)
                {
                    using var p = new EchoPredictor(new PredictorOptions { ModelPath = path, {{options}} });
                    {{body}}
                }

                internal static string Show<T>(PredictionTensor<T> tensor) => Show(tensor.View);

                internal static string Show<T, TElements>(in InlineTensor<T, TElements> tensor)
                    where T : unmanaged
                    where TElements : unmanaged, IInlineElements => Show(tensor.View);

                internal static string Show<T>(TensorView<T> tensor) => string.Join(",", tensor.ToArray()) + Shape(tensor);

                internal static string Same<T>(PredictionTensor<T> tensor, params T[] expected) => tensor.ToArray().SequenceEqual(expected) + Shape(tensor.View);

                internal static string Same<T, TElements>(in InlineTensor<T, TElements> tensor, params T[] expected)
                    where T : unmanaged
                    where TElements : unmanaged, IInlineElements => tensor.ToArray().SequenceEqual(expected) + Shape(tensor.View);

                private static string Shape<T>(TensorView<T> tensor) => " [" + string.Join(",", tensor.Shape.ToArray()) + "]";
            }
        }
        """;
}
