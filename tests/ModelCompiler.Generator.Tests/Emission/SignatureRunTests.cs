using System.Collections;
using System.Reflection;
using System.Security.Cryptography;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>The predictor of every signature, opened and called on ONNX Runtime with a model of that very signature.</summary>
public sealed class SignatureRunTests : IDisposable
{
    /// <summary>Signatures that no model can have that ONNX Runtime runs.</summary>
    private static readonly Dictionary<string, string> NotRunnable = new()
    {
        ["complex"] = "ONNX Runtime's operators take no complex numbers",
        ["map"] = "no operator makes a map by itself",
        ["nameless"] = "an input of a graph must have a name",
    };

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Each_is_opened_and_answers()
    {
        var cases = SampleSignatures.Manifests.Zip(SampleSignatures.All, (manifest, signature) => (Manifest: manifest, signature.Name))
            .Where(one => !NotRunnable.ContainsKey(one.Name)).Select(one => (Manifest: Write(one.Manifest), one.Name)).ToArray();
        var assembly = Assembly.Load(new GeneratorRun([.. cases.Select(one => one.Manifest)]).AssertCompiles().Image);

        Assert.Equal(SampleSignatures.All.Length - NotRunnable.Count, cases.Length);
        foreach (var (manifest, name) in cases)
        {
            string prefix = "My.App." + manifest.ClassName![..^"Predictor".Length];
            using var predictor = (Predictor)Activator.CreateInstance(assembly.GetType(prefix + "Predictor")!, new PredictorOptions { ModelPath = _workspace.PathOf(manifest.Name) })!;
            var state = manifest.Inputs.Any(input => input.State is not null);
            using var stream = state ? (IDisposable)CallWithDefaults(predictor, "OpenStream") : null;
            var input = assembly.GetType(prefix + "Input") is { } type ? SampleInput.Create(type, manifest) : null;
            // A stream feeds what the first call made to the second.
            for (int call = 0; call < 2; call++)
            {
                object result = Predict(stream ?? (object)predictor, input);
                Assert.All(result.GetType().GetProperties(), output => Assert.True(HasElements(output.GetValue(result)), $"{name}: {output.Name}"));
            }

            if (!state)
            {
                ((IDisposable)CallWithDefaults(predictor, "CreateRequest")).Dispose();
            }
        }
    }

    private ModelManifest Write(ModelManifest manifest)
    {
        byte[] model = ConstantModel.Build(manifest);
        _workspace.Write(manifest.Name, model);
        return manifest with { Model = new ManifestFile(manifest.Name + ".onnx", model.Length, Convert.ToHexStringLower(SHA256.HashData(model))) };
    }

    private static object Predict(object target, object? input)
    {
        var method = target.GetType().GetMethods().Single(m => m.Name == "Predict" && (input is null || m.GetParameters()[0].ParameterType.IsByRef));
        return method.Invoke(target, input is null ? [CancellationToken.None] : [input, CancellationToken.None])!;
    }

    private static object CallWithDefaults(object target, string name)
    {
        var method = target.GetType().GetMethod(name)!;
        return method.Invoke(target, [.. method.GetParameters().Select(p => p.HasDefaultValue ? Type.Missing : 1)])!;
    }

    private static bool HasElements(object? value) => value switch
    {
        null => false,
        string => true,
        IEnumerable items => items.Cast<object>().Any(),
        // Rank 0 is a number.
        _ => value.GetType().GetProperty("Length") is not { } length || (int)length.GetValue(value)! > 0,
    };
}
